"""The live lab's page: mounts the browser's side, tells it about the decision, keeps the result. Counts nothing."""

from __future__ import annotations

import re
import string
from pathlib import Path
from typing import Any

import streamlit as st

from demos.evidence import STORE
from demos.server import backend
from guide.book import book

_BROWSER = Path(__file__).parents[1] / "browser"
_SCRIPTS = ("api.js", "streams.js", "pane.js", "timeline.js", "run.js", "result.js", "lab.js")
"""Joined into one module, in this order; each uses names of those before it."""
_WIDE = """<style>@media (min-width: 1800px) and (min-height: 900px) {
  [data-testid=stMainBlockContainer] { max-width: 1760px; padding-top: 4.2rem; } }</style>"""
"""On a projector both panes and the timeline are seen at once, in larger type."""
_MARKUP = re.compile(f"[{re.escape(string.punctuation)}]")
TYPICAL_TOKENS = 310
"""Tokens of a usual run, plan and answer together: how far the timeline reaches before it has to stretch."""


def _text(*names: str) -> str:
    return "\n".join((_BROWSER / name).read_text(encoding="utf-8") for name in names)


_component = st.components.v2.component(
    "streamwise_lab", html=_text("lab.html"), css=_text("lab.css"), js=_text(*_SCRIPTS)
)


def page() -> None:
    """The whole page, for `st.Page(page, url_path="lab")`.

    Reads `answers` (question id -> answer ids) and `pages["record"]` of the session; leaves `evidence_ids` there: the
    newest id for each scenario, to be looked up in `demos.evidence.STORE`.
    """
    words = book().words
    st.html(_WIDE)
    st.title(words["lab.title"], anchor=False)
    st.write(words["lab.lead"])
    _panes()
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


def _words() -> dict[str, str]:
    """The lab's words. Where a model writes, those that end in `.hosted` say it instead of those of the same name."""
    found = {key: text for key, text in book().words.items() if key.startswith("lab.")}
    if (model := _model()) is not None:
        said = {key.removesuffix(".hosted"): text for key, text in found.items() if key.endswith(".hosted")}
        found |= {key: text.replace("{model}", model) for key, text in said.items()}
    return found


@st.fragment
def _panes() -> None:
    """Within a fragment, so that a finished run does not run the whole page again."""
    # A dict at the first level would import pandas; inside a tuple it does not.
    mounted = _component(key="lab", data=(_payload(),), on_kept_change=lambda: None)
    if mounted.kept:
        _keep(str(mounted.kept["scenario"]), str(mounted.kept["id"]))
    # Always there and always of the same height, so that nothing jumps when a run ends.
    with st.container(key="lab_kept", height=64, border=False, horizontal=True, vertical_alignment="center"):
        if st.session_state.get("evidence_ids"):
            _kept()


def _kept() -> None:
    words = book().words
    st.markdown(f"✓ {words['lab.kept']}", width="content")
    record = st.session_state.get("pages", {}).get("record") or st.session_state.get("record_page")
    if record is not None:
        st.page_link(record, label=words["lab.kept_go"], icon=":material/description:")


def _keep(scenario: str, evidence_id: str) -> None:
    """The newest run of each scenario goes into the record."""
    newest: dict[str, str] = st.session_state.setdefault("evidence_of_scenario", {})
    newest.pop(scenario, None)
    newest[scenario] = evidence_id
    st.session_state["evidence_ids"] = list(newest.values())
    # The record's page is the guide's, which knows no store of the demos: it is handed what it prints.
    found = {evidence.id: evidence for evidence in map(STORE.get, newest.values()) if evidence is not None}
    loaded = {key: kept for key, kept in st.session_state.get("evidence", {}).items() if not kept.verified}
    st.session_state["evidence"] = loaded | found


def _payload() -> dict[str, Any]:
    """What the browser's side is told. The revision rises with every change: a late call cannot bring old data back."""
    prefix = st.get_option("server.baseUrlPath").strip("/")
    answers: dict[str, tuple[str, ...]] = st.session_state.get("answers", {})
    told = {
        "api": f"/{prefix}/api" if prefix else "/api",
        "answers": {question: list(chosen) for question, chosen in answers.items()},
        "tokens": TYPICAL_TOKENS,
        "words": _words(),
        "paced": _model() is None,
    }
    if st.session_state.get("lab_told") != told:
        st.session_state["lab_told"] = told
        st.session_state["lab_revision"] = st.session_state.get("lab_revision", 0) + 1
    return told | {"revision": st.session_state["lab_revision"]}
