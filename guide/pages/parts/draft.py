"""Saves the unfinished record in the visitor's browser, so that a reload or a closed tab loses nothing.

    session --data--> component --localStorage--> component --state--> session (only into one that has no draft yet)

A draft belongs to the answers that it was written for: it comes back with the same answers only.
"""

from __future__ import annotations

import datetime
import json
from typing import Any

import streamlit as st

from guide.book.link import encode
from guide.pages import state
from guide.record.file_name import MOST_NUMBER

FIELDS = ("r_title", "r_context", "r_deciders", "r_reason", "r_status", "r_number", "r_date", "r_chosen", "r_decided")
CHOICE = ("r_chosen", "r_decided", "r_reason")
"""A choice and its reason: one visitor's own, or the draft's, never one of each."""
TYPED = ("r_context", "r_deciders")
_component = st.components.v2.component(
    "streamwise_draft",
    js="""
const KEY = "streamwise.record";
export default function ({ data, setStateValue }) {
  const [draft] = data;
  try {
    if (draft) localStorage.setItem(KEY, draft);
    else setStateValue("found", localStorage.getItem(KEY) || "{}");
  } catch { setStateValue("found", "{}"); } // storage may be forbidden; then a reload starts afresh
}
""",
)


def restore() -> None:
    """Call before the fields are drawn: fills them once, from what the browser kept."""
    session = st.session_state
    found = getattr(session.get("draft"), "found", None)
    if session.get("draft_read") or not found:
        return
    session["draft_read"] = True
    try:
        kept = json.loads(found)
    except ValueError:
        return
    if isinstance(kept, dict) and kept.get("answers") == encode(state.answers()):
        newer = {key for key in FIELDS if _is_newer(key)}
        for key in FIELDS:
            if key not in newer and isinstance(kept.get(key), int if key == "r_number" else str | bool):
                session[key] = _value(key, kept[key])


def _is_newer(key: str) -> bool:
    """Whether the visitor was faster than the browser's storage: what was typed or chosen since the page came stays."""
    session = st.session_state
    if key in CHOICE:
        return bool(session.get("r_decided") or session.get("r_reason"))
    if key == "r_title":
        return bool(session.get(key) != session.get("r_title_offered"))
    return key in TYPED and bool(session.get(key))


def keep() -> None:
    """Call after the fields are drawn."""
    session = st.session_state
    values = {key: v.isoformat() if isinstance(v := session.get(key), datetime.date) else v for key in FIELDS}
    draft = json.dumps({**values, "answers": encode(state.answers())}) if session.get("draft_read") else ""
    _component(key="draft", data=(draft,), on_found_change=lambda: None)


def _value(key: str, kept: Any) -> Any:
    if key == "r_number":
        return min(max(int(kept), 1), MOST_NUMBER)
    if key != "r_date":
        return kept
    try:
        return datetime.date.fromisoformat(str(kept))
    except ValueError:
        return datetime.datetime.now(datetime.UTC).date()
