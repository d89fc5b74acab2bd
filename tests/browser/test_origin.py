"""Another site's page against a server that looks at Origin and one that does not, told by the lab's own figures."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.labs import choose, predict, row, run, shows
from tests.browser.screen import axe
from tests.known import known


@pytest.fixture
def expected_errors() -> list[str]:
    # What the browser says of the other site's page is what is shown; an answer that nobody was let in for is a 404.
    return [
        r"blocked by CORS policy",
        r"net::ERR_FAILED",
        r"WebSocket connection to .* failed: .*403",
        r"(403|404) .*/api/traps/answers/",
    ]


def test_without_a_check_the_socket_is_read_and_the_event_stream_costs_a_run(app_url: str, page: Page) -> None:
    choose(page, app_url, "origin", server="unchecked")
    predict(page, "websocket")
    run(page)
    assert row(page, "opened") == [0, 1]
    assert row(page, "model_runs") == [1, 1]
    unread, read = row(page, "readable")
    assert unread == 0
    assert known(read) >= 20
    expect(page.get_by_test_id("lab-judged")).to_have_text("As you expected: Those over WebSocket.")
    shows(page, "without a check of Origin, any page can read your WebSocket, and can make your model run")
    expect(page.locator("iframe[src*='/api/traps/unchecked/frame']")).to_have_count(0)
    assert axe(page) == []


def test_with_a_check_nothing_opens_and_nothing_runs(app_url: str, page: Page) -> None:
    choose(page, app_url, "origin", server="checked")
    predict(page, "websocket")
    run(page)
    assert row(page, "opened") == row(page, "readable") == row(page, "model_runs") == [0, 0]
    expect(page.get_by_test_id("lab-judged")).to_contain_text("It was: Neither's.")
    shows(page, "one check of Origin kept the other site's page out of both.")
