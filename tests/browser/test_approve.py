"""A human in the loop: asked once and answered once, through lost connections, a reload and a second device."""

from __future__ import annotations

import json
import re
import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.browser.labs import choose, predict, row, run, shows, until_over
from tests.browser.screen import axe, settle

TRANSPORTS = ("sse", "websocket")


@pytest.fixture
def expected_errors() -> list[str]:
    cut = [r"ERR_CONNECTION_RESET", r"ERR_INCOMPLETE_CHUNKED_ENCODING"]
    return [*cut]


def once(page: Page) -> None:
    """Asked once, answered once, nothing lost, in both panes."""
    assert (row(page, "asked"), row(page, "model_runs")) == ([1, 1], [1, 1])
    assert (row(page, "lost"), row(page, "repeated")) == ([0, 0], [0, 0])


def asked(page: Page) -> None:
    for transport in TRANSPORTS:
        expect(page.get_by_test_id(f"{transport}-approve")).to_be_visible()


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_this_page_answers_over_either_transport_though_the_connections_were_lost(
    app_url: str, page: Page, transport: str
) -> None:
    choose(page, app_url, "approve", mode="you", line="dropped")
    predict(page, "once")
    page.get_by_test_id("lab-start").click()
    for pane in TRANSPORTS:
        expect(page.get_by_test_id(f"{pane}-reconnects")).to_have_text("1")
    asked(page)
    expect(page.get_by_test_id(f"pane-{transport}")).to_contain_text("Refund 40 EUR to Ana for order 1182?")
    page.get_by_test_id(f"{transport}-approve").click()
    until_over(page)
    expect(page.get_by_test_id(f"{transport}-text")).to_contain_text("Approved: Ana gets 40 EUR back")
    once(page)
    assert row(page, "reconnects") == [1, 1]
    assert row(page, "accepted") == [int(transport == one) for one in TRANSPORTS]
    assert all(found and found > 0 for found in row(page, "answer_ms"))
    expect(page.get_by_test_id(f"{transport}-answer")).to_have_text(re.compile(r"\d ms$"))
    expect(page.get_by_text("First token")).to_have_count(
        0
    )  # it comes when the human has answered, however long that takes
    expect(page.get_by_test_id("lab-judged")).to_have_text("As you expected: Once.")
    shows(page, "both connections were lost while the question waited, and the question was still there.")
    assert axe(page) == []


def test_a_second_device_answers(app_url: str, page: Page) -> None:
    choose(page, app_url, "approve", mode="device", line="kept")
    run(page, rate="60")
    once(page)
    assert (row(page, "accepted"), row(page, "reconnects")) == ([0, 1], [0, 0])
    shows(page, "one question, one answer, one refund.")


def test_both_answer_at_once_and_only_one_response_counts(app_url: str, page: Page) -> None:
    choose(page, app_url, "approve", mode="both", line="dropped")
    run(page, rate="60")
    once(page)
    counted = {name: sum(found or 0 for found in row(page, name)) for name in ("accepted", "repeated_responses")}
    assert counted == {"accepted": 1, "repeated_responses": 1}
    assert row(page, "refused") == [0, 1]
    assert axe(page) == []


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_reloaded_page_takes_the_run_up_again_and_is_asked_once(app_url: str, page: Page, transport: str) -> None:
    choose(page, app_url, "approve", mode="you")
    expect(page.get_by_test_id("lab-takeup")).to_be_disabled()
    page.get_by_test_id("lab-start").click()
    asked(page)
    page.reload()
    settle(page)
    expect(page.get_by_test_id("lab-status")).to_contain_text("left behind when the page was reloaded")
    assert axe(page) == []
    page.get_by_test_id("lab-takeup").click()
    asked(page)
    page.get_by_test_id(f"{transport}-approve").click()
    until_over(page)
    once(page)
    shows(page, "the page was reloaded, and the question was still there.")
    expect(page.get_by_test_id("lab-takeup")).to_be_disabled()
    page.reload()
    settle(page)
    expect(page.get_by_test_id("lab-start")).to_be_enabled()
    expect(page.get_by_test_id("lab-takeup")).to_be_disabled()


def test_a_run_that_expired_is_not_taken_up_and_the_page_says_so(
    app_url: str, page: Page, expected_errors: list[str]
) -> None:
    expected_errors += [r"404 .*/api/threads", r"stream/events"]
    choose(page, app_url, "approve")
    left = json.dumps({"thread": str(uuid.uuid4()), "run": str(uuid.uuid4())})
    page.evaluate("left => sessionStorage.setItem('streamwise.approve', left)", left)
    page.reload()
    settle(page)
    page.get_by_test_id("lab-takeup").click()
    expect(page.get_by_test_id("lab-status")).to_contain_text("The server no longer knows this run.")
    for transport in TRANSPORTS:  # said once, and not in each pane again
        expect(page.get_by_test_id(f"pane-{transport}")).not_to_contain_text("no longer knows")
    expect(page.get_by_test_id("lab-start")).to_be_enabled()
    expect(page.get_by_test_id("lab-takeup")).to_be_disabled()


@pytest.mark.parametrize("kept", ["{", "null", '{"thread": "../x", "run": "y"}', '"text"'])
def test_what_is_none_of_ours_in_the_tabs_store_is_not_offered(app_url: str, page: Page, kept: str) -> None:
    choose(page, app_url, "approve")
    page.evaluate("kept => sessionStorage.setItem('streamwise.approve', kept)", kept)
    page.reload()
    settle(page)
    expect(page.get_by_test_id("lab-start")).to_be_enabled()
    expect(page.get_by_test_id("lab-takeup")).to_be_disabled()


def test_stopped_while_it_waits(app_url: str, page: Page) -> None:
    choose(page, app_url, "approve", mode="you")
    page.get_by_test_id("lab-start").click()
    asked(page)
    page.get_by_test_id("lab-stop").click()
    until_over(page)
    assert row(page, "model_runs") == [0, 0]
    assert row(page, "answer_ms") == []
    expect(page.get_by_test_id("lab-sentence")).to_contain_text("You stopped the run.")
    shows(page, "a run that waits for a human can be stopped.")
