"""The drop, three ways and two kinds of client, told by the page's own counters."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from guide.book import book
from guide.book.link import decode
from guide.decision.engine import client
from tests.browser.labs import choose, predict, row, run, shows
from tests.browser.screen import axe, lab_opens, settle

ENDINGS = ("reset", "clean", "silence")


@pytest.fixture
def expected_errors() -> list[str]:
    return [r"ERR_CONNECTION_RESET", r"ERR_INCOMPLETE_CHUNKED_ENCODING"]


@pytest.mark.parametrize("ending", ENDINGS)
def test_clients_that_resume_lose_and_repeat_nothing(app_url: str, page: Page, ending: str) -> None:
    choose(page, app_url, "drop", client="right", ending=ending)
    predict(page, "none")
    run(page, rate="60")
    assert (row(page, "lost"), row(page, "repeated"), row(page, "reconnects")) == ([0, 0], [0, 0], [1, 1])
    expect(page.get_by_test_id("lab-judged")).to_have_text("As you expected: None.")
    expect(page.get_by_test_id("lab-sentence")).to_contain_text("SSE lost 0")
    shows(page, "nobody was told of the cut." if ending == "silence" else "both came back where they had been")


@pytest.mark.parametrize("ending", ENDINGS)
def test_naive_clients_repeat_or_lose(app_url: str, page: Page, ending: str) -> None:
    choose(page, app_url, "drop", client="naive", ending=ending)
    predict(page, "none")
    run(page, rate="60")
    (sse_lost, socket_lost), (sse_twice, socket_twice) = row(page, "lost"), row(page, "repeated")
    assert socket_lost
    assert socket_twice == 0
    if ending == "silence":
        assert sse_lost  # nobody watched: it is as deaf as the socket
        shows(page, "a silent connection looks like an open one.")
    else:
        assert sse_lost == 0
        assert sse_twice
        twice = "EventSource came back by itself, but said the same words twice."
        shows(page, f"{twice} WebSocket did not come back at all.")
    expect(page.get_by_test_id("lab-judged")).to_contain_text("It was: All that come after the cut.")
    assert axe(page) == []


@pytest.mark.parametrize("ending", ENDINGS)
def test_asking_again_runs_the_model_twice(app_url: str, page: Page, ending: str) -> None:
    choose(page, app_url, "drop", client="again", ending=ending)
    run(page, rate="60")
    assert (row(page, "lost"), row(page, "model_runs")) == ([0, 0], [2, 2])
    twice = row(page, "repeated")
    assert all(twice), twice  # how many depends on how much had come before the cut
    late = row(page, "new_token_ms")
    assert all(ms and ms > 100 for ms in late), late
    expect(page.get_by_test_id("lab-sentence")).to_contain_text("The model ran 2 times for one answer")
    shows(page, "to ask again is no way to resume.")


@pytest.mark.parametrize(("reader", "lost"), [("fetch", False), ("post", True)])
def test_what_reads_the_stream_with_fetch(app_url: str, page: Page, reader: str, lost: bool) -> None:
    """With its code fetch resumes as EventSource does; the response of one POST has nothing to come back to."""
    choose(page, app_url, "drop", reader=reader, client="right", ending="reset")
    run(page, rate="60")
    assert (bool(row(page, "lost")[0]), row(page, "lost")[1]) == (lost, 0)
    assert row(page, "repeated") == [0, 0]
    assert row(page, "reconnects") == ([0, 1] if lost else [1, 1])
    shows(page, "the response of one POST has nothing to come back to" if lost else "both came back")


def test_a_run_that_did_not_show_its_point_says_so_and_is_not_kept(app_url: str, page: Page) -> None:
    """Its page never asks for that. What the server says to a page that does: tests/demos/server/test_endpoints.py."""
    kept: list[str] = []
    page.on("request", lambda request: kept.append(request.url) if "/api/evidence" in request.url else None)
    uncut = {"faults": [{"fault": "reset", "after_ms": 0, "after_tokens": 600_000}], "every": False}
    page.route("**/faults", lambda route: route.continue_(post_data=uncut))
    choose(page, app_url, "drop", client="naive", ending="reset")
    page.get_by_test_id("lab-start").click()
    why = "The answer was complete before the connection was cut."
    expect(page.get_by_test_id("lab-so")).to_have_text(f"So: this run did not show it. {why} Run it again.")
    expect(page.get_by_test_id("lab-status")).to_contain_text(why)
    expect(page.get_by_test_id("lab-start")).to_be_enabled()
    settle(page)
    assert kept == []
    expect(page.get_by_text("Kept for your decision record")).to_have_count(0)


def test_the_lab_begins_with_the_client_that_is_recommended(app_url: str, page: Page) -> None:
    answers = {
        "eventsource": "1~uplink.controls~auth.cookie",
        "fetch": "1~uplink.controls~clients.browsers~auth.header",
        "post": "1~uplink.controls~resume.restart",
    }
    for reader, token in answers.items():
        assert client(book(), decode(token, book()).answers, "sse") == reader
        page.goto(f"{app_url}/lab?s=drop&a={token}")
        lab_opens(page)
        expect(page.get_by_test_id("lab-reader").locator("input:checked")).to_have_value(reader)
        said = book().words[f"lab.api.{reader}"]
        expect(page.get_by_test_id("pane-sse").locator(".api")).to_have_text(said)
    page.get_by_test_id("lab-reader").locator("input[value=eventsource]").check(force=True)
    expect(page.get_by_test_id("pane-sse").locator(".api")).to_have_text("new EventSource(url)")
