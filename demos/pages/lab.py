"""The live lab's page: mounts the browser's side, tells it about the decision, keeps the result. Counts nothing."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import streamlit as st

from demos.pages import behind, kept
from demos.scenarios import Scenario, scenarios
from demos.server import backend
from guide.book import book

_BROWSER = Path(__file__).parents[1] / "browser"
_SCRIPTS = ("api.js", "streams.js", "pane.js", "timeline.js", "stage.js", "result.js", "form.js")
"""Joined into one module in this order, with the scenarios and lab.js behind them: each uses names of those before."""
_WIDE = """<style>@media (min-width: 1800px) and (min-height: 900px) {
  [data-testid=stMainBlockContainer] { max-width: 1760px; padding-top: 4.2rem; } }
.st-key-lab_picked button[data-selected=true] * { color: light-dark(#0b5f59, #5eead4); }</style>"""
"""On a projector both panes and the timeline are seen at once, in larger type. The chosen scenario's name is readable
on the ground that Streamlit gives it."""
_MARKUP = re.compile(f"[{re.escape(string.punctuation)}]")
TYPICAL_TOKENS = 310
"""Tokens of a usual run, plan and answer together: how far the timeline reaches before it has to stretch."""
HERE = ("localhost", "127.0.0.1", "::1")


def _text(*names: str) -> str:
    return "\n".join((_BROWSER / name).read_text(encoding="utf-8") for name in names)


_component = st.components.v2.component(
    "streamwise_lab",
    html=_text("lab.html"),
    css=_text("lab.css"),
    js=_text(*_SCRIPTS, *(f"scenarios/{name}.js" for name in scenarios()), "lab.js"),
)


def address(pointed: str | None) -> dict[str, str]:
    """What the page's address should hold: chosen by a click, else by the address, the verdict, or as the first."""
    state, known = st.session_state, scenarios()
    asked = st.query_params.get("s", "")
    if not state.pop("lab_touched", False) and asked in known:
        state["lab_scenario"] = asked
    if state.get("lab_scenario") not in known:
        state["lab_scenario"] = pointed if pointed in known else next(iter(known))
    return {"s": state["lab_scenario"]}


def page(numbers: Mapping[str, float]) -> None:
    """The whole page, for `st.Page(page, url_path="lab")`, after `address`.

    Reads `answers` (question id -> answer ids) and `pages["record"]` of the session; leaves `evidence_ids` there: the
    newest id for each scenario, to be looked up in `demos.evidence.STORE`.

    Args:
        numbers: what the answers stand for, in seconds.
    """
    words, name = book().words, st.session_state["lab_scenario"]
    scenario = scenarios()[name]
    st.html(_WIDE)
    st.title(words["lab.title"], anchor=False)
    st.write(words["lab.lead"])
    st.session_state["lab_picked"] = name
    st.pills(
        words["lab.scenario"],
        list(scenarios()),
        format_func=lambda one: words[f"scenario.{one}.title"],
        key="lab_picked",
        on_change=_picked,
        label_visibility="collapsed",
    )
    st.subheader(words[f"scenario.{name}.title"], anchor=False)
    st.write(words[f"scenario.{name}.watch"])
    _panes(name, scenario, dict(numbers))
    behind.code(scenario)
    behind.facts(name)
    with st.expander(words["lab.scope_title"]):
        st.markdown(words["lab.scope"])
        st.markdown(_who_writes())


def _model() -> str | None:
    """The model that writes the answers; None for the script."""
    model = backend().model
    return None if model is None else model.name


def _who_writes() -> str:
    """Said beside every answer of the lab, as Markdown; a model's name from outside is no markup."""
    words, model = book().words, _model()
    if model is None:
        return words["lab.model.scripted"]
    return words["lab.model.hosted"].format(model=_MARKUP.sub(r"\\\g<0>", model))


def _words(name: str) -> dict[str, str]:
    """The lab's words and those of one scenario. Where a model writes, `NAME.hosted` says it instead of `NAME`."""
    families = ("lab.", "figure.", f"scenario.{name}.")
    found = {key: text for key, text in book().words.items() if key.startswith(families)}
    if (model := _model()) is not None:
        said = {key.removesuffix(".hosted"): text for key, text in found.items() if key.endswith(".hosted")}
        found |= {key: text.replace("{model}", model) for key, text in said.items()}
    return found


def _picked() -> None:
    """Callback. A click on the chosen one takes it back, which means nothing here."""
    if picked := st.session_state["lab_picked"]:
        st.session_state["lab_scenario"] = picked
        st.session_state["lab_touched"] = True


@st.fragment
def _panes(name: str, scenario: Scenario, numbers: dict[str, float]) -> None:
    """Within a fragment, so that a finished run does not run the whole page again."""
    # A dict at the first level would import pandas; inside a tuple it does not.
    mounted = _component(key=f"lab_{name}", data=(_payload(name, scenario, numbers),), on_kept_change=lambda: None)
    if mounted.kept:
        kept.keep(str(mounted.kept["scenario"]), str(mounted.kept["id"]))
    # Always there and always of the same height, so that nothing jumps when a run ends.
    with st.container(key="lab_kept", height=64, border=False, horizontal=True, vertical_alignment="center"):
        if name in st.session_state.get("evidence_of_scenario", {}):
            kept.say()


def _payload(name: str, scenario: Scenario, numbers: dict[str, float]) -> dict[str, Any]:
    """What the browser's side is told. The revision rises with every change: a late call cannot bring old data back."""
    prefix = st.get_option("server.baseUrlPath").strip("/")
    answers: dict[str, tuple[str, ...]] = st.session_state.get("answers", {})
    told = {
        "api": f"/{prefix}/api" if prefix else "/api",
        "scenario": name,
        "figures": list(scenario.figures),
        "child": scenario.child is not None,
        "remote": urlsplit(st.context.url or "").hostname not in HERE,
        "answers": {question: list(chosen) for question, chosen in answers.items()},
        "numbers": numbers,
        "tokens": TYPICAL_TOKENS,
        "words": _words(name),
        "paced": _model() is None,
    }
    if st.session_state.get("lab_told") != told:
        st.session_state["lab_told"] = told
        st.session_state["lab_revision"] = st.session_state.get("lab_revision", 0) + 1
    return told | {"revision": st.session_state["lab_revision"]}
