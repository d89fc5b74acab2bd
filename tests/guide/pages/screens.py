"""Pages run without a browser: the whole app, or one page on its own."""

from __future__ import annotations

import functools
from pathlib import Path

from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from tests.patience import seconds

ROOT = Path(__file__).parents[3]

# Streamlit looks through all installed packages for components at each run of a test, a server once: 0.2 s each time.
_scan = functools.cache(manifest_scanner.scan_component_manifests)
setattr(manifest_scanner, "scan_component_manifests", _scan)  # noqa: B010


def app(**query: str) -> AppTest:
    """The whole app at its start page."""
    test = AppTest.from_file(str(ROOT / "ui.py"), default_timeout=seconds(20))
    for key, value in query.items():
        test.query_params[key] = value
    return fine(test.run())


def one(name: str, **query: str) -> AppTest:
    """One page on its own."""
    test = AppTest.from_string(f"from guide.pages import {name}\n{name}.page()", default_timeout=seconds(20))
    test.session_state["pages"] = {}
    for key, value in query.items():
        test.query_params[key] = value
    return fine(test.run())


def fine(test: AppTest) -> AppTest:
    assert not test.exception, test.exception
    return test


def html(test: AppTest) -> str:
    return " ".join(element.proto.body for element in test.get("html"))


def address(test: AppTest) -> dict[str, str]:
    return {key: value[0] if isinstance(value, list) else value for key, value in test.query_params.items()}
