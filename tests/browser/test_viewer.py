"""A second viewer in mid-answer, with a log on the server and without; told by the page's own counters."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.labs import choose, predict, row, run, shows
from tests.browser.screen import axe

PANES = ("sse", "websocket", "sse_late", "websocket_late")


def test_with_a_log_the_newcomers_see_all_of_it(app_url: str, page: Page) -> None:
    choose(page, app_url, "viewer", server="log")
    predict(page, "all")
    run(page, rate="60")
    assert (row(page, "lost"), row(page, "repeated")) == ([0] * 4, [0] * 4)
    assert all(joined and joined >= 40 for joined in row(page, "joined_at")[2:])
    assert all(replayed and replayed > 40 for replayed in row(page, "replayed")[2:])
    assert all(level is not None for level in row(page, "caught_up_ms")[2:])
    texts = [page.get_by_test_id(f"{pane}-text").inner_text() for pane in PANES]
    assert len(set(texts)) == 1
    assert texts[0]
    expect(page.get_by_test_id("lab-judged")).to_have_text("As you expected: The whole answer.")
    shows(page, "the server keeps a log, so the second viewer saw the whole answer")
    assert axe(page) == []


def test_without_a_log_they_miss_what_was_said_before(app_url: str, page: Page) -> None:
    choose(page, app_url, "viewer", server="none")
    predict(page, "all")
    run(page, rate="60")
    assert row(page, "lost")[:2] == [0, 0]
    assert row(page, "replayed")[2:] == [0, 0]
    # Tokens that came between the question and the stream may be missed or not; those before it always are.
    assert all(lost and lost >= 40 for lost in row(page, "lost")[2:])
    expect(page.get_by_test_id("lab-judged")).to_contain_text("It was: Only what follows.")
    shows(page, "the server keeps no log, so the second viewer saw only the rest")
