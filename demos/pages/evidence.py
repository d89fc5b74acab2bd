"""Passes evidence measured on a demo page to the record, and shows a line about it. Stores nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from demos.lab.state import shared_lab
from guide.book import book
from guide.model import Evidence

Keep = Callable[[Evidence], None]
"""What the guide does with a measurement: into the session, the address and the record."""


def hand_over(place: str, told: Mapping[str, Any] | None, keep: Keep) -> None:
    """Pass new evidence to the record once; components repeat their last value on every rerun."""
    if not told or st.session_state.get(f"taken_{place}") == told["id"]:
        return
    st.session_state[f"taken_{place}"] = told["id"]
    evidence = shared_lab().store.get(str(told["id"]))
    if evidence is not None:
        keep(evidence)


def here(scenario: str) -> Evidence | None:
    """Return the newest verified measurement of this scenario in the session; None if there is none."""
    found: Mapping[str, Evidence] = st.session_state.get("evidence", {})
    ours = [one for one in found.values() if one.verified and one.scenario == scenario]
    return max(ours, key=lambda one: one.taken, default=None)


def line(one: Evidence | None = None) -> None:
    """Show that evidence is kept, with a link to the record. `one`: the kept run, where there were several."""
    words = book().words
    said = words["lab.kept"] if one is None else words["lab.kept_run"].format(time=f"{one.taken:%H:%M:%S}")
    st.markdown(f"✓ {said}", width="content")
    record = st.session_state.get("pages", {}).get("record")
    if record is not None:
        st.page_link(record, label=words["lab.kept_go"], icon=":material/description:")


def missing() -> None:
    """Show a warning if the address names evidence that is not here: no longer, or not to be read now."""
    if why := st.session_state.get("evidence_missing"):
        st.warning(book().words[why])
