"""Evidence for the record: the newest of each kind, in the session, where the record's page finds it."""

from __future__ import annotations

import streamlit as st

from demos.evidence import STORE
from guide.book import book


def keep(kind: str, evidence_id: str) -> None:
    """In place of what was kept of this kind before."""
    newest: dict[str, str] = st.session_state.setdefault("evidence_of_scenario", {})
    newest.pop(kind, None)
    newest[kind] = evidence_id
    st.session_state["evidence_ids"] = list(newest.values())
    # The record's page is the guide's, which knows no store of the demos: it is handed what it prints.
    found = {evidence.id: evidence for evidence in map(STORE.get, newest.values()) if evidence is not None}
    loaded = {key: kept for key, kept in st.session_state.get("evidence", {}).items() if not kept.verified}
    st.session_state["evidence"] = loaded | found


def say() -> None:
    """That it is kept, with the way to the record."""
    words = book().words
    st.markdown(f"✓ {words['lab.kept']}", width="content")
    record = st.session_state.get("pages", {}).get("record") or st.session_state.get("record_page")
    if record is not None:
        st.page_link(record, label=words["lab.kept_go"], icon=":material/description:")
