"""A large blob whole and split, as the page's own counters tell it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.labs import choose, predict, row, run, shows
from tests.browser.screen import axe


def test_whole_it_is_one_large_message_on_both(app_url: str, page: Page) -> None:
    choose(page, app_url, "large", way="whole")
    predict(page, "both")
    run(page, rate="60")
    assert row(page, "blob_parts") == [1, 1]
    assert all(size and size > 500_000 for size in row(page, "largest_bytes"))
    assert row(page, "lost") == [0, 0]
    expect(page.get_by_test_id("lab-judged")).to_have_text("As you expected: On both.")
    shows(page, "one message of half a megabyte holds up every token behind it")
    assert axe(page) == []


def test_split_no_message_is_large(app_url: str, page: Page) -> None:
    choose(page, app_url, "large", way="split")
    run(page, rate="60")
    assert row(page, "blob_parts") == [1, 31]
    assert all(size and size < 20_000 for size in row(page, "largest_bytes"))
    assert all(took is not None for took in row(page, "blob_ms"))
    shows(page, "fetched apart or sent in parts, the blob held up no token.")
    assert row(page, "lost") == [0, 0]
