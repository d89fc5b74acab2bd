"""What has been typed into the record, kept in the visitor's own browser, so that a reload or a closed tab loses nothing.

    session --data--> component --localStorage--> component --state--> session (only into a session that has no draft)
"""

from __future__ import annotations

import datetime
from typing import Any

import streamlit as st

_FIELDS = ("r_title", "r_context", "r_deciders", "r_reason", "r_status", "r_date", "r_chosen", "r_decided")
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
    """Call before the fields are drawn."""
    import json

    state = st.session_state
    found = state.get("draft", {}).get("found") if isinstance(state.get("draft"), dict) else getattr(state.get("draft"), "found", None)
    if state.get("draft_done") or not found:
        return
    state["draft_done"] = True
    try:
        kept = json.loads(found)
    except ValueError:
        return
    for key in _FIELDS:
        if isinstance(kept, dict) and isinstance(kept.get(key), str | bool) and key not in state.get("draft_typed", ()):
            state[key] = _value(key, kept[key])


def _value(key: str, text: Any) -> Any:
    if key != "r_date":
        return text
    try:
        return datetime.date.fromisoformat(str(text))
    except ValueError:
        return datetime.datetime.now(datetime.UTC).date()


def keep() -> None:
    """Call after the fields are drawn."""
    import json

    state = st.session_state
    ready = state.get("draft_done", False)
    values = {key: (v.isoformat() if isinstance(v := state.get(key), datetime.date) else v) for key in _FIELDS}
    _component(key="draft", data=(json.dumps(values) if ready else "",), on_found_change=lambda: None, default={"found": ""})
