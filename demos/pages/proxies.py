"""Page that tests a real proxy in front of a real stream, with its default and its recommended configuration.

p=nginx   the proxy      run=ID   held=ID   what was tried, while this app keeps it
"""

from __future__ import annotations

import streamlit as st

from demos.lab.state import shared_lab
from demos.pages import config_files as files
from demos.pages import earlier_results as earlier
from demos.pages import evidence as kept
from demos.pages import job_progress as trying
from demos.pages import nginx_buffering as held
from demos.pages import results as outcome
from demos.processes.jobs import Job
from demos.proxies import catalog as proxies
from demos.proxies.catalog import Binary
from demos.proxies.cli import PIP
from demos.proxies.evidence import proof
from demos.proxies.expected import expected
from demos.proxies.json_lines import lines, matrices
from demos.proxies.matrix import EVERYTHING, FIRST
from guide.book import book

RUN, HELD = "run", "held"
LOOKS = ("short", "all")


def given() -> dict[str, str]:
    """What the page's address holds."""
    return {key: st.query_params.get(key, "") for key in ("p", RUN, HELD)}


def address(in_path: tuple[str, ...]) -> dict[str, str]:
    """What the page's address should hold. `in_path`: proxies in the visitor's path; the first is chosen."""
    state, known, asked = st.session_state, proxies.proxies(), given()
    if not state.pop("proxies_touched", False):
        if asked["p"] in known and asked["p"] != state.get("proxy"):
            state["proxy"], state["proxy_chosen"] = asked["p"], True
        for kind in (RUN, HELD):
            if asked[kind]:
                state[f"attempt_{kind}"] = asked[kind][:40]
    if not state.get("proxy_chosen"):  # by a click or a link; until then it follows the answers
        state["proxy"] = next((one for one in in_path if one in known), next(iter(known)))
    return {"p": state["proxy"], **{kind: state.get(f"attempt_{kind}", "") for kind in (RUN, HELD)}}


def page(keep: kept.Keep) -> None:
    """The whole page, for `st.Page(page, url_path="proxies")`, after `address`. `keep` gets every measurement."""
    words, name = book().words, st.session_state["proxy"]
    st.title(words["proxies.title"], anchor=False)
    st.write(words["proxies.lead"])
    with st.container(key="proxies"):
        _choose()
        here = proxies.binaries(name)
        _versions(name, here)
        if here:
            _try(name)
        with st.container(key="proxies_seen"):
            attempt = trying.follow(RUN, lambda arguments: arguments[1] == name, _draw)
            if attempt is not None and attempt.good:
                _keep(attempt, keep)
        earlier.show(name)
        files.show(name)
        held.show(HELD)
        with st.expander(words["proxies.scope_title"]):
            st.markdown(words["proxies.scope"])


def _choose() -> None:
    known = proxies.proxies()
    st.session_state["proxy_picked"] = st.session_state["proxy"]
    st.pills(
        book().words["proxies.which"],
        list(known),
        format_func=lambda one: known[one].title,
        key="proxy_picked",
        on_change=_picked,
    )


def _picked() -> None:
    """Callback. A click on the chosen one takes it back, which means nothing here."""
    if picked := st.session_state["proxy_picked"]:
        st.session_state["proxy"], st.session_state["proxy_chosen"] = picked, True
        st.session_state["proxies_touched"] = True


def _versions(name: str, here: tuple[Binary, ...]) -> None:
    words = book().words
    if here:
        st.write(words["proxies.here"].format(versions=", ".join(one.title for one in here)))
    else:
        st.info(words["proxies.missing"].format(title=proxies.proxies()[name].title))
        st.code(PIP, language="sh")


def _try(name: str) -> None:
    words = book().words
    look = st.radio(
        words["proxies.look"],
        LOOKS,
        format_func=lambda one: words[f"proxies.look.{one}"],
        key="proxies_look",
        horizontal=True,
        persist_state="session",
    )
    short = ("--short",) if look == LOOKS[0] else ()
    trying.start(RUN, words["proxies.start"], "proxy", name, "--format", "lines", *short)


def _draw(attempt: Job) -> None:
    tried = (FIRST,) if "--short" in attempt.command else EVERYTHING
    for matrix in matrices(lines(attempt.output), tried):
        wanted = {one.config: expected(matrix.name, matrix.version, one.config) for one in matrix.passages}
        outcome.show(
            matrix,
            lambda passage, wanted=wanted: (found := wanted[passage.config]) and getattr(found, passage.transport),  # type: ignore[misc]
            f"outcome_{attempt.id}_{matrix.version}",
        )


def _keep(attempt: Job, keep: kept.Keep) -> None:
    """Create the evidence of a finished job once, and pass it to the record of the current visitor."""
    if not attempt.evidence:
        tried = (FIRST,) if "--short" in attempt.command else EVERYTHING
        found = matrices(lines(attempt.output), tried)
        attempt.evidence = tuple(shared_lab().store.keep(proof(matrix, matrix.name)).id for matrix in found)
    for id in attempt.evidence:
        kept.hand_over(id, {"id": id}, keep)
    if any(map(shared_lab().store.get, attempt.evidence)):
        with st.container(key="proxies_kept", horizontal=True, vertical_alignment="center"):
            kept.line()
