"""A server of the scenario's own ends in mid-answer: who is back, dead or told, by the page's own counters."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.labs import choose, predict, row, run, shows
from tests.browser.screen import axe
from tests.demos.toys import until

MADE = 90


@pytest.fixture
def expected_errors() -> list[str]:
    return [
        r"ERR_CONNECTION_(RESET|REFUSED)",
        r"ERR_INCOMPLETE_CHUNKED_ENCODING",
        r"404 .*/api/threads/",
        r"503",
    ]


def test_a_server_that_says_what_is_lost_brings_nobody_back_but_tells_those_who_ask(app_url: str, page: Page) -> None:
    choose(page, app_url, "restart", down="quick", server="loud")
    predict(page, "sse")
    run(page, rate="60")
    assert row(page, "back_ms") == []  # nobody was, so the row is left out
    assert row(page, "told") == [0, 0, 1, 1]
    tries = row(page, "tries")
    assert tries[1] == 0
    assert all(tries[n] for n in (0, 2, 3))
    assert all(0 < (lost or 0) < MADE for lost in row(page, "never_came"))
    assert row(page, "twice") == [0, 0, 0, 0]
    expect(page.get_by_test_id("lab-judged")).to_have_text("You expected: EventSource. It was: Neither.")
    told = "With code both were told that the answer is gone. All four lost the rest of it."
    shows(page, f"without code neither client came back or heard why. {told}")
    expect(page.get_by_test_id("lab-status")).to_contain_text(told)
    assert axe(page) == []


def test_a_server_that_starts_anew_has_the_answer_told_twice_without_a_word(app_url: str, page: Page) -> None:
    choose(page, app_url, "restart", down="quick", server="anew")
    predict(page, "sse")
    run(page, rate="60")
    alone, naive, coded, resuming = row(page, "back_ms")
    assert naive is None
    assert min(alone or 0, coded or 0, resuming or 0) > 0
    assert row(page, "told") == [0, 0, 0, 0]
    assert [bool(tokens) for tokens in row(page, "twice")] == [True, False, True, True]
    assert [bool(tokens) for tokens in row(page, "never_came")] == [False, True, False, False]
    expect(page.get_by_test_id("lab-judged")).to_have_text("As you expected: EventSource.")
    shows(page, "without code only EventSource came back. With code both came back, and the new server told")


def test_one_503_ends_an_event_source_for_good_and_code_brings_it_back(app_url: str, page: Page) -> None:
    choose(page, app_url, "restart", down="refusing", server="anew")
    predict(page, "sse")
    run(page, rate="60")
    alone, naive, coded, resuming = row(page, "back_ms")
    assert (alone, naive) == (None, None)
    assert min(coded or 0, resuming or 0) >= 3000
    assert row(page, "tries")[0] == 1
    expect(page.get_by_test_id("sse_alone-state")).to_have_text("given up by the browser, dead for good")
    shows(page, "without code neither client came back or heard why. With code both came back")


def test_leaving_the_lab_in_mid_run_ends_its_server(app_url: str, page: Page) -> None:
    choose(page, app_url, "restart", down="quick", server="loud")
    with page.expect_response("**/api/children") as made:
        page.get_by_test_id("lab-start").click()
    url = f"http://127.0.0.1:{made.value.json()['port']}/api/health"
    assert httpx.get(url, trust_env=False).status_code == 200
    page.get_by_role("link", name="Library").click()
    until(lambda: not up(url))


def up(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False
