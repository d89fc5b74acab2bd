"""The server that writes is killed: with a shared log both clients get the rest, without one nobody does."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from demos.processes.engine_server import program
from tests.browser.labs import choose, predict, row, run, shows
from tests.browser.screen import axe

pytestmark = pytest.mark.engine


@pytest.fixture
def expected_errors() -> list[str]:
    return [
        r"ERR_CONNECTION_(RESET|REFUSED)",
        r"ERR_INCOMPLETE_CHUNKED_ENCODING",
        r"404 .*/api/threads/",
        r"WebSocket connection to .* failed",
    ]


def test_with_a_shared_log_another_server_goes_on(app_url: str, page: Page) -> None:
    if program() is None:
        pytest.skip("no Redis or Valkey on this machine")
    choose(page, app_url, "replica", log="shared")
    predict(page, "both")
    run(page, rate="60")
    assert row(page, "never_came") == [0, 0]
    assert row(page, "twice") == [0, 0]
    assert all(ms is not None for ms in row(page, "pause_ms"))
    expect(page.get_by_test_id("lab-judged")).to_contain_text("As you expected: Both.")
    shows(page, "both got the whole answer, once. Another server went on with it.")
    assert axe(page) == []


def test_without_one_the_rest_is_lost(app_url: str, page: Page) -> None:
    choose(page, app_url, "replica", log="apart")
    predict(page, "both")
    run(page, rate="60")
    assert all(lost for lost in row(page, "never_came"))
    assert row(page, "told") == [1, 1]
    expect(page.get_by_test_id("lab-judged")).to_contain_text("It was: Neither.")
    shows(page, "both lost the rest. The servers that were left knew nothing of it.")
