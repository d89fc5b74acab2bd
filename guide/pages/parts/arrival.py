"""Begins each page and each step of the wizard at its top, with the focus on its heading."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_component = st.components.v2.component(
    "streamwise_arrival", js=(Path(__file__).parent / "arrival.js").read_text(encoding="utf-8")
)


def show(page: str, step: str = "") -> None:
    """Call last in a run. Where the page or the step is another one than before, the visitor arrives there.

    Without this the focus stays on the button that was pressed, or is lost with it, and nobody hears that the page
    has changed.
    """
    result = _component(key="arrival", data=(f"{page}/{step}",))
    del result
