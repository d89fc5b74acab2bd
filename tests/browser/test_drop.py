"""The drop, three ways and two kinds of client, told by the page's own counters."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.labs import choose, predict, row, run
from tests.browser.screen import axe

ENDINGS = ("reset", "clean", "silence")


@pytest.fixture
def expected_errors() -> list[str]:
    return [r"404 .*/_stcore/(health|host-config)", r"ERR_CONNECTION_RESET", r"ERR_INCOMPLETE_CHUNKED_ENCODING"]


@pytest.mark.parametrize("ending", ENDINGS)
def test_clients_that_resume_lose_and_repeat_nothing(app_url: str, page: Page, ending: str) -> None:
    choose(page, app_url, "drop", client="right", ending=ending)
    predict(page, "none")
    run(page, rate="60")
    assert (row(page, "lost"), row(page, "repeated"), row(page, "reconnects")) == ([0, 0], [0, 0], [1, 1])
    expect(page.get_by_test_id("lab-judged")).to_have_text("As you expected: None.")
    expect(page.get_by_test_id("lab-sentence")).to_contain_text("SSE lost 0")


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
    else:
        assert sse_lost == 0
        assert sse_twice
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
    expect(page.get_by_test_id("lab-sentence")).to_contain_text("the model ran 2 times for one answer")
