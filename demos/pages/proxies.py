"""Page that tests a real proxy in front of a real stream, with its default and its recommended configuration.

p=nginx   the proxy      run=ID   held=ID   what was tried, while this app keeps it
"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from demos.lab.state import shared_lab
from demos.pages import config_files as files
from demos.pages import earlier_results as earlier
from demos.pages import evidence as kept
from demos.pages import job_progress as trying
from demos.pages import nginx_buffering as held
from demos.pages import overview
from demos.pages import results as outcome
from demos.processes.jobs import Job
from demos.proxies import catalog as proxies
from demos.proxies.buffering import nginx
from demos.proxies.cli import PIP
from demos.proxies.evidence import proof
from demos.proxies.expected import expected
from demos.proxies.json_lines import lines, matrices
from demos.proxies.matrix import EVERYTHING, FIRST
from demos.proxies.progress import planned
from guide.book import book

RUN, HELD = "run", "held"
LOOKS = ("short", "all")


@dataclass(frozen=True)
class Elsewhere:
    """What stands in the visitor's path and runs on no machine of theirs, by name; and how it is tried out there."""

    names: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()


def given() -> dict[str, str]:
    """What the page's address holds."""
    return {key: st.query_params.get(key, "") for key in ("p", RUN, HELD)}


def address(in_path: tuple[str, ...]) -> dict[str, str]:
    """What the page's address should hold. `in_path`: proxies in the visitor's path; the first is chosen."""
    state, known, asked = st.session_state, proxies.proxies(), given()
    state["proxies_yours"] = tuple(one for one in in_path if one in known)
    if not state.pop("proxies_touched", False):
        if asked["p"] in known and asked["p"] != state.get("proxy"):
            state["proxy"], state["proxy_chosen"] = asked["p"], True
        for kind in (RUN, HELD):
            if asked[kind]:
                state[f"attempt_{kind}"] = asked[kind][:40]
    if not state.get("proxy_chosen"):  # by a click or a link; until then it follows the answers
        state["proxy"] = _ordered()[0]
    return {"p": state["proxy"], **{kind: state.get(f"attempt_{kind}", "") for kind in (RUN, HELD)}}


def _ordered() -> list[str]:
    """All proxies: the visitor's first, then the one that most people have."""
    yours: tuple[str, ...] = st.session_state["proxies_yours"]
    return [*dict.fromkeys((*yours, nginx.NAME, *proxies.proxies()))]


def page(keep: kept.Keep, elsewhere: Elsewhere) -> None:
    """The whole page, for `st.Page(page, url_path="proxies")`, after `address`. `keep` gets every measurement."""
    words, name = book().words, st.session_state["proxy"]
    st.title(words["proxies.title"], anchor=False)
    st.write(words["proxies.lead"])
    with st.container(key="proxies"):
        _hosted(elsewhere)
        _choose()
        st.header(proxies.proxies()[name].title, anchor=False)
        st.markdown(overview.sentence(name))
        overview.show(_ordered(), name, st.session_state["proxies_yours"])
        _run(name, keep)
        _more(name)


def _hosted(elsewhere: Elsewhere) -> None:
    """Says that a part of the path cannot run here, and what shows it instead."""
    if elsewhere.names:
        with st.container(key="proxies_hosted", border=True):
            st.write(book().words["proxies.hosted"].format(names="; ".join(elsewhere.names)))
            st.code("\n".join(elsewhere.commands), language="sh", wrap_lines=True)


def _choose() -> None:
    known = proxies.proxies()
    st.session_state["proxy_picked"] = st.session_state["proxy"]
    st.pills(
        book().words["proxies.which"],
        _ordered(),
        format_func=lambda one: known[one].title,
        key="proxy_picked",
        on_change=_picked,
    )


def _picked() -> None:
    """Callback. A click on the chosen one takes it back, which means nothing here."""
    if picked := st.session_state["proxy_picked"]:
        st.session_state["proxy"], st.session_state["proxy_chosen"] = picked, True
        st.session_state["proxies_touched"] = True


def _run(name: str, keep: kept.Keep) -> None:
    """The chosen proxy's own run: what there is to run, the button, and what was measured."""
    words, here, title = book().words, proxies.binaries(name), proxies.proxies()[name].title
    st.header(words["proxies.run"].format(title=title), anchor=False)
    if here:
        st.write(words["proxies.here"].format(versions=", ".join(one.title for one in here)))
        _try(name)
    else:
        st.info(words["proxies.missing"].format(title=title))
        st.code(PIP, language="sh")
    with st.container(key="proxies_seen"):
        attempt = trying.follow(RUN, lambda arguments: arguments[1] == name, _draw, _progress)
        if attempt is not None and attempt.good:
            _keep(attempt, keep)


def _more(name: str) -> None:
    """What nobody has asked for yet, folded."""
    words, title = book().words, proxies.proxies()[name].title
    earlier.show(name)
    with st.expander(words["proxies.files"].format(title=title), icon=":material/description:"):
        files.show(name)
    if name == nginx.NAME:
        with st.expander(words["proxies.held"], expanded=trying.current(HELD) is not None, icon=":material/hourglass:"):
            held.show(HELD)
    with st.expander(words["proxies.scope_title"], icon=":material/info:"):
        st.markdown(words["proxies.scope"])


def _try(name: str) -> None:
    words = book().words
    look = st.radio(
        words["proxies.look"],
        LOOKS,
        format_func=lambda one: words[f"proxies.look.{one}"],
        key="proxies_look",
        persist_state="session",
    )
    short = ("--short",) if look == LOOKS[0] else ()
    label = words["proxies.start"].format(title=proxies.proxies()[name].title)
    trying.start(RUN, label, "proxy", name, "--format", "lines", *short)


def _tried(attempt: Job) -> tuple[str, ...]:
    return (FIRST,) if "--short" in attempt.command else EVERYTHING


def _progress(attempt: Job) -> str:
    """What a test of a proxy does now."""
    words, name = book().words, trying.arguments_of(attempt)[1]
    read = lines(attempt.output)
    if not read:
        return words["proxies.starts"].format(title=proxies.proxies()[name].title)
    tried = _tried(attempt)
    most = planned(proxies.binaries(name), tried, matrices(read, tried))
    return words["proxies.runs"].format(n=min(len(read) + 1, most), most=most)


def _draw(attempt: Job) -> None:
    for matrix in matrices(lines(attempt.output), _tried(attempt)):
        wanted = {one.config: expected(matrix.name, matrix.version, one.config) for one in matrix.passages}
        outcome.show(
            matrix,
            lambda passage, wanted=wanted: (found := wanted[passage.config]) and getattr(found, passage.transport),  # type: ignore[misc]
            f"outcome_{attempt.id}_{matrix.version}",
        )


def _keep(attempt: Job, keep: kept.Keep) -> None:
    """Create the evidence of a finished job once, and pass it to the record of the current visitor."""
    if not attempt.evidence:
        found = matrices(lines(attempt.output), _tried(attempt))
        attempt.evidence = tuple(shared_lab().store.keep(proof(matrix, matrix.name)).id for matrix in found)
    for id in attempt.evidence:
        kept.hand_over(id, {"id": id}, keep)
    if any(map(shared_lab().store.get, attempt.evidence)):
        with st.container(key="proxies_kept", horizontal=True, vertical_alignment="center"):
            kept.line()
