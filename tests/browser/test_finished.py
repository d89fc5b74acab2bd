"""The finished answer, told by the server's ledger as the page shows it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.labs import choose, predict, row, run, shows
from tests.browser.screen import axe


@pytest.fixture
def expected_errors() -> list[str]:
    return [r"404 .*/api/traps/answers/"]


@pytest.mark.parametrize(("remedy", "requests"), [("done", 1), ("status", 2)])
def test_only_the_naive_event_source_asks_again(app_url: str, page: Page, remedy: str, requests: int) -> None:
    choose(page, app_url, "finished", remedy=remedy)
    predict(page, "once")
    run(page, rate="60")
    asked, right, socket = row(page, "requests")
    assert asked is not None
    assert asked > 2
    assert (right, socket) == (requests, 1)
    assert row(page, "model_runs") == [asked, 1, 1]
    made, twice = row(page, "made"), row(page, "twice")
    assert made[1:] == [30, 30]
    assert made[0] is not None
    assert made[0] > 60
    assert twice[0] is not None
    assert twice[0] >= 30
    assert twice[1:] == [0, 0]
    expect(page.get_by_test_id("lab-judged")).to_have_text("You expected: Once. It was: Three times or more.")
    expect(page.get_by_test_id("right-state")).to_contain_text("closed")
    cure = {"done": "A last event on which", "status": "Status 204 to its next"}[remedy]
    shows(page, f"EventSource takes the end of an answer for a lost connection, and asks again. {cure}")
    assert axe(page) == []
