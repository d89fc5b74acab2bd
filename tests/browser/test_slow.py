"""A page that handles events slowly: what piles up behind each reader, told by the page's own counters."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.labs import choose, predict, row, run, shows
from tests.browser.screen import axe


def test_events_pile_up_where_the_reader_cannot_wait(app_url: str, page: Page) -> None:
    choose(page, app_url, "slow", handling="slow")
    predict(page, "socket")
    run(page)
    fetch, source, socket = (waiting or 0 for waiting in row(page, "waiting"))
    assert 0 < fetch < source / 2
    assert fetch < socket / 2
    assert (row(page, "lost"), row(page, "repeated")) == ([0] * 3, [0] * 3)
    assert row(page, "tokens") == [6000] * 3
    expect(page.get_by_test_id("lab-judged")).to_contain_text("WebSocket")
    shows(page, "EventSource and WebSocket push all events into a slow page")
    assert axe(page) == []


def test_a_quick_page_has_nothing_waiting(app_url: str, page: Page) -> None:
    choose(page, app_url, "slow", handling="fast")
    run(page)
    assert row(page, "waiting") == [0] * 3
    assert row(page, "lost") == [0] * 3
    shows(page, "a page that handles events at once has no pile")
