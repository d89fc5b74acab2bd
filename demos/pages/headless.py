"""Measuring a scenario without a browser, from the lab's page: mounts the form and the table. Starts nothing itself."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from demos.pages import evidence as kept
from demos.scenarios import Scenario
from guide.book import book

_BROWSER = Path(__file__).parents[1] / "browser"


def _text(*names: str) -> str:
    return "\n".join((_BROWSER / name).read_text(encoding="utf-8") for name in names)


_component = st.components.v2.component(
    "streamwise_headless",
    html=_text("headless/headless.html"),
    css=_text("lab.css"),
    js=_text("transports/api.js", "view/result.js", "headless/headless.js"),
)


def api() -> str:
    """Where the demo endpoints are, for a page."""
    prefix = st.get_option("server.baseUrlPath").strip("/")
    return f"/{prefix}/api" if prefix else "/api"


@st.fragment
def section(name: str, scenario: Scenario, keep: kept.Keep) -> None:
    """Below the panes. A fragment, so that a finished measurement does not run the whole page again."""
    words = {key: text for key, text in book().words.items() if key.startswith(("lab.", "figure."))}
    with st.expander(words["lab.headless.title"], icon=":material/speed:"):
        told = {"api": api(), "scenario": name, "figures": list(scenario.figures), "words": words}
        # A dict at the first level would import pandas; inside a tuple it does not.
        mounted = _component(key=f"headless_{name}", data=(told,), on_kept_change=lambda: None)
    kept.take(f"headless_{name}", mounted.kept, keep)
