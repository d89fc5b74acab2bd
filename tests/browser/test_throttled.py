"""A slow processor sees the same lessons: what is cut is cut by tokens, and not by the clock."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from demos.scenarios import scenarios
from tests.throttled import USUAL, shown, usual


@pytest.fixture
def expected_errors() -> list[str]:
    return [r"404 .*/(_stcore/(health|host-config)|api/threads/)", r"ERR_(CONNECTION_\w+|INCOMPLETE_CHUNKED_ENCODING)"]


@pytest.mark.parametrize("name", ["drop", "restart"])
def test_a_run_in_a_slow_browser_shows_what_it_usually_shows(app_url: str, page: Page, name: str) -> None:
    assert shown(page, app_url, name).startswith(usual(name))


def test_every_scenario_has_a_usual_lesson() -> None:
    assert set(USUAL) == set(scenarios())
    assert all(usual(name) for name in USUAL)
