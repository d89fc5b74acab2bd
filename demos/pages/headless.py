"""Section of the lab page that measures a scenario without a browser: the form and the table. Starts nothing itself."""

from __future__ import annotations

import streamlit as st

from demos.pages import evidence as kept
from demos.pages.component_parts import component_text, loaded
from demos.scenarios import Scenario
from guide.book import book

_component = st.components.v2.component(
    "streamwise_headless",
    html=component_text("headless/headless.html"),
    css=component_text("lab.css"),
    js=component_text("loader.js"),
)


@st.fragment
def section(name: str, scenario: Scenario, keep: kept.Keep) -> None:
    """Below the panes. A fragment, so that a finished measurement does not run the whole page again."""
    words = {key: text for key, text in book().words.items() if key.startswith(("lab.", "figure."))}
    with st.expander(words["lab.headless.title"], icon=":material/speed:"):
        told = {**loaded("headless/headless.js"), "scenario": name, "figures": list(scenario.figures), "words": words}
        # A dict at the first level would import pandas; inside a tuple it does not.
        mounted = _component(key=f"headless_{name}", data=(told,), on_kept_change=lambda: None)
    kept.hand_over(f"headless_{name}", mounted.kept, keep)
