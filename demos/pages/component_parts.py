"""Provides the demos' Streamlit components with their texts and with the address of their scripts."""

from __future__ import annotations

import streamlit as st

from demos.server.browser_modules import FOLDER, modules_path


def component_text(name: str) -> str:
    """A file of demos/browser, which Streamlit is handed as text."""
    return (FOLDER / name).read_text(encoding="utf-8")


def api() -> str:
    """Where the demo endpoints are, for a page."""
    prefix = st.get_option("server.baseUrlPath").strip("/")
    return f"/{prefix}/api" if prefix else "/api"


def loaded(entry: str) -> dict[str, str]:
    """What a component's data must hold, so that loader.js can load its module `entry`."""
    here = api()
    return {"api": here, "modules": f"{here}/{modules_path()}", "entry": entry}
