"""Provides the demos' Streamlit components with their texts and with the address of their scripts."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.file_util import get_static_dir

from demos.connections.security_headers import script_hashes
from demos.server.browser_modules import FOLDER, modules_path


def component_text(name: str) -> str:
    """A file of demos/browser, which Streamlit is handed as text."""
    return (FOLDER / name).read_text(encoding="utf-8")


def page_scripts() -> tuple[str, ...]:
    """Sources that allow the inline scripts of Streamlit's own page, in the words of a content policy."""
    return script_hashes(Path(get_static_dir(), "index.html").read_text(encoding="utf-8"))


def api() -> str:
    """Where the demo endpoints are, for a page."""
    prefix = st.get_option("server.baseUrlPath").strip("/")
    return f"/{prefix}/api" if prefix else "/api"


def loaded(entry: str) -> dict[str, str]:
    """What a component's data must hold, so that loader.js can load its module `entry`."""
    here = api()
    return {"api": here, "modules": f"{here}/{modules_path()}", "entry": entry}
