"""Pages run without a browser: the whole app, or one page on its own."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

from tests.patience import seconds

ROOT = Path(__file__).parents[3]


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
