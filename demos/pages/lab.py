"""Lab page: mounts the browser component, passes the user's figures to it, keeps the result."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import streamlit as st

from demos.connections.local_address import is_local
from demos.harness.scenario import Scenario
from demos.lab.words import lab_words
from demos.pages import code_and_facts as behind
from demos.pages import evidence as kept
from demos.pages import headless
from demos.pages.component_parts import component_text, loaded
from demos.scenarios import Group, groups, scenarios
from demos.server.backend import shared_backend
from guide.book import book

_STYLE = (Path(__file__).parent / "lab.css").read_text(encoding="utf-8")
_MARKUP = re.compile(f"[{re.escape(string.punctuation)}]")
TYPICAL_TOKENS = 310
"""Tokens of a usual run, plan and answer together: how far the timeline reaches before it has to stretch."""
HERE = ("localhost", "127.0.0.1", "::1")
"""Names by which a browser reaches what listens on this machine only."""


@dataclass(frozen=True)
class Told:
    """What the page is told of the user's answers, so that the lab shows what the recommendation says."""

    numbers: Mapping[str, float]
    """Seconds: what the answers stand for, the recommended heartbeat, the path's limit on silence."""
    limit_by: str = ""
    """What in the path has that limit; empty where it is not known."""
    reader: str = "eventsource"
    """The client of the recommended event stream; scenarios that know it begin with it."""


_component = st.components.v2.component(
    "streamwise_lab",
    html=component_text("lab.html"),
    css=component_text("lab.css"),
    js=component_text("loader.js"),
)


def address(pointed: str | None) -> dict[str, str]:
    """What the page's address should hold: chosen by a click, else by the address, the verdict, or as the first.

    An address that names no scenario of ours is replaced at once, so what it held in vain is remembered for `problems`.
    """
    state, known = st.session_state, scenarios()
    asked, was = st.query_params.get("s", ""), state.get("lab_scenario")
    if state.pop("lab_touched", False):
        state["lab_in_vain"] = ""
    elif asked in known:
        state["lab_scenario"] = asked
        if asked != was:
            state["lab_in_vain"] = ""
    elif asked:
        state["lab_in_vain"], state["lab_scenario"] = asked, None
    if state.get("lab_scenario") not in known:
        state["lab_scenario"] = pointed if pointed in known else next(iter(known))
    return {"s": state["lab_scenario"]}


def problems() -> tuple[str, ...]:
    """What the address held in vain, in words; until another scenario is chosen. After `address`."""
    if not (asked := st.session_state.get("lab_in_vain", "")):
        return ()
    words = book().words
    title = words[f"scenario.{st.session_state['lab_scenario']}.title"]
    return (words["lab.link_problem"].format(found=f"{asked:.40}", title=title),)


def page(told: Told, keep: kept.Keep) -> None:
    """The whole page, for `st.Page(page, url_path="lab")`, after `address`.

    Reads of the session `answers` (question id -> answer ids), `pages["record"]`, and what `keep` has put there.

    Args:
        told: what the answers stand for.
        keep: takes what was measured; the record's page is the guide's, which knows no store of the demos.
    """
    words, name = book().words, st.session_state["lab_scenario"]
    scenario = scenarios()[name]
    st.html(f"<style>{_STYLE}</style>")
    _head(name)
    kept.missing()
    _panes(name, scenario, told, keep)
    headless.section(name, scenario, keep)
    behind.code(scenario)
    behind.facts(name)
    with st.expander(words["lab.scope_title"]):
        st.markdown(words["lab.scope.apart" if _apart() else "lab.scope"])
        st.markdown(_who_writes())


def _head(name: str) -> None:
    """Which scenario, and what to watch in it, on as few lines as it takes."""
    words = book().words
    with st.container(key="lab_head"):
        with st.container(key="lab_line", horizontal=True):
            st.title(words["lab.title"], anchor=False)
            st.write(words["lab.lead"])
        with st.container(key="lab_picked"):
            for group, names in groups().items():
                _chips(group, names, name)
        with st.container(key="lab_watch"):
            st.header(words[f"scenario.{name}.title"], anchor=False)
            st.write(words[f"scenario.{name}.watch"])


def _chips(group: Group, names: list[str], chosen: str) -> None:
    """The scenarios of one group; the chosen one is marked in the group that it belongs to."""
    words, key = book().words, f"lab_picked_{group}"
    st.session_state[key] = chosen if chosen in names else None
    st.pills(
        words[f"lab.group.{group}"],
        names,
        format_func=lambda one: words[f"scenario.{one}.title"],
        key=key,
        on_change=_picked,
        args=(key,),
    )


def _model() -> str | None:
    """The model that writes the answers; None for the script."""
    model = shared_backend().model
    return None if model is None else model.name


def _who_writes() -> str:
    """Said beside every answer of the lab, as Markdown; a model's name from outside is no markup."""
    words, model = book().words, _model()
    if model is None:
        return words["lab.model.scripted"]
    return words["lab.model.hosted"].format(model=_MARKUP.sub(r"\\\g<0>", model))


def _apart() -> bool:
    """Whether the browser is on another machine than the server, by the rule that evidence goes by."""
    return not is_local(st.context.ip_address)


def _picked(key: str) -> None:
    """Callback. A click on the chosen one takes it back, which means nothing here."""
    if picked := st.session_state[key]:
        _go(picked)


def _go(picked: str) -> None:
    """To another scenario, whatever the address says."""
    st.session_state["lab_scenario"] = picked
    st.session_state["lab_touched"] = True


@st.fragment
def _panes(name: str, scenario: Scenario, told: Told, keep: kept.Keep) -> None:
    """Within a fragment, so that a finished run does not run the whole page again."""
    # A dict at the first level would import pandas; inside a tuple it does not.
    mounted = _component(
        key=f"lab_{name}",
        data=(_payload(name, scenario, told),),
        on_kept_change=lambda: None,
        on_picked_change=lambda: None,
    )
    picked = mounted.picked  # by a key of the keyboard
    if isinstance(picked, str) and picked in scenarios():
        _go(picked)
        st.rerun()
    kept.hand_over(f"lab_{name}", mounted.kept, keep)
    # Always there and always of the same height, so that nothing jumps when a run ends.
    with st.container(key="lab_kept", height=64, border=False, horizontal=True, vertical_alignment="center"):
        if (newest := kept.here(name)) is not None:
            kept.line(newest)


def _payload(name: str, scenario: Scenario, about: Told) -> dict[str, Any]:
    """Data of the browser component. Its revision grows with every change, so that no late call restores old data."""
    answers: dict[str, tuple[str, ...]] = st.session_state.get("answers", {})
    told = {
        **loaded("lab.js"),
        "scenario": name,
        "scenarios": list(scenarios()),
        "titles": {one: book().words[f"scenario.{one}.title"] for one in scenarios()},
        "figures": list(scenario.figures),
        "child": scenario.child is not None,
        "remote": urlsplit(st.context.url or "").hostname not in HERE,
        "answers": {question: list(chosen) for question, chosen in answers.items()},
        "numbers": dict(about.numbers),
        "limit_by": about.limit_by,
        "reader": about.reader,
        "tokens": TYPICAL_TOKENS,
        "words": lab_words(name, _model(), _apart()),
        "paced": _model() is None,
    }
    if st.session_state.get("lab_told") != told:
        st.session_state["lab_told"] = told
        st.session_state["lab_revision"] = st.session_state.get("lab_revision", 0) + 1
    return told | {"revision": st.session_state["lab_revision"]}
