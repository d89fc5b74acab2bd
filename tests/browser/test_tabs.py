"""The seventh tab: six HTTP connections to a server, and none of WebSocket's."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.labs import choose, predict, row, run, shows
from tests.browser.screen import axe


def test_the_seventh_http_stream_hangs_until_one_is_closed_and_the_seventh_socket_does_not(
    app_url: str, page: Page
) -> None:
    choose(page, app_url, "tabs")
    predict(page, "fails")
    run(page)
    assert row(page, "opened") == [6, 6, 7]
    assert row(page, "hanging") == [1, 1, 0]
    eventsource, fetch, socket = row(page, "seventh_ms")
    assert (eventsource, fetch) == (None, None)
    assert socket is not None
    let_in = row(page, "let_in_ms")
    assert let_in[0] is not None
    assert let_in[1] is not None
    assert let_in[2] is None
    assert max(let_in[0], let_in[1]) < 1500
    expect(page.get_by_test_id("lab-judged")).to_contain_text("It was: It hangs, without an error.")
    shows(page, "over HTTP/1.1 the seventh event stream hangs without an error.")
    expect(page.get_by_test_id("eventsource-text").get_by_role("listitem")).to_have_count(7)
    assert axe(page) == []
