"""A long silence under an idle limit: no heartbeat, one, and one that the page cannot see; by the page's counters."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from guide.book import book
from guide.model import Trouble
from guide.report.report import build
from tests.browser.labs import choose, predict, row, run, shows
from tests.browser.screen import axe


@pytest.fixture
def expected_errors() -> list[str]:
    return [r"ERR_CONNECTION_RESET", r"ERR_INCOMPLETE_CHUNKED_ENCODING"]  # the path cuts without a word, as proxies do


def test_without_a_heartbeat_the_path_cuts_again_and_again(app_url: str, page: Page) -> None:
    choose(page, app_url, "silence", heartbeat="off", client="right")
    predict(page, "again")
    run(page)
    assert all(cuts is not None and cuts >= 2 for cuts in row(page, "cuts"))
    assert row(page, "reconnects") == row(page, "cuts")
    assert (row(page, "lost"), row(page, "repeated"), row(page, "heartbeats")) == ([0, 0], [0, 0], [0, 0])
    expect(page.get_by_test_id("lab-judged")).to_have_text("As you expected: Again and again.")
    shows(page, "without a heartbeat the path cuts a silent stream. EventSource came back and lost nothing.")
    assert axe(page) == []


def test_a_naive_socket_never_hears_the_answer(app_url: str, page: Page) -> None:
    choose(page, app_url, "silence", heartbeat="off", client="naive")
    run(page)
    sse_lost, socket_lost = row(page, "lost")
    assert (sse_lost, row(page, "tokens")[1]) == (0, 0)
    assert socket_lost == row(page, "tokens")[0]
    expect(page.get_by_test_id("websocket-state")).to_contain_text("closed with code 1006")
    expect(page.get_by_test_id("lab-so")).to_contain_text("WebSocket did not come back, and lost the answer.")


@pytest.mark.parametrize("client", ["naive", "right"])
def test_with_a_heartbeat_nothing_is_cut(app_url: str, page: Page, client: str) -> None:
    choose(page, app_url, "silence", heartbeat="on", client=client)
    run(page)
    assert (row(page, "cuts"), row(page, "alarms"), row(page, "lost")) == ([0, 0], [0, 0], [0, 0])
    assert all(seen and seen >= 8 for seen in row(page, "heartbeats"))
    shows(page, "a heartbeat kept both connections open")


def test_comments_hold_the_path_open_and_are_hidden_from_the_page(app_url: str, page: Page) -> None:
    choose(page, app_url, "silence", heartbeat="hidden", client="right")
    run(page)
    (sse_seen, socket_seen), (sse_alarms, socket_alarms) = row(page, "heartbeats"), row(page, "alarms")
    assert row(page, "cuts") == [0, 0]
    assert sse_seen == 0
    assert socket_seen
    # It took a healthy stream for dead, again and again. A page that gets no processor may do so once all the same.
    assert (sse_alarms or 0) > (socket_alarms or 0)
    shows(page, "comments kept the event stream open, but the page could not see them, and gave up")
    assert row(page, "lost") == [0, 0]


def test_the_users_own_path_and_the_recommended_heartbeat_are_shown(app_url: str, page: Page) -> None:
    """What stands here is what the recommendation says, or it is said to be invented."""
    aside = page.get_by_test_id("lab-aside")
    page.goto(f"{app_url}/lab?s=silence&a=1~silence.minutes~path.cloudfront.aws-alb")
    answers = {"silence": ("minutes",), "path": ("cloudfront", "aws-alb")}
    path = build(book(), answers).path
    expect(aside).to_contain_text(f"The recommended heartbeat is {path.heartbeat:g} s.")
    shortest = min(limit.after for limit in path.limits if limit.trouble is Trouble.SILENCE and limit.after)
    expect(aside).to_contain_text(f"ends a stream after {shortest:g} s without a byte")
    page.goto(f"{app_url}/lab?s=silence&a=1~silence.minutes")
    expect(aside).to_contain_text("so the limit of 60 s is an invented one. The heartbeat is 15 s.")
    page.goto(f"{app_url}/lab?s=silence")
    expect(aside).to_contain_text("300 s and the limit of 60 s are invented ones; the heartbeat is 15 s.")
    page.goto(f"{app_url}/lab?s=silence&a=1~silence.short")
    expect(aside).to_contain_text("We know of nothing in your path that cuts 14 s of silence. 300 s and")
