"""Measuring without a browser, asked for in one; and what was measured outlives a reload, by the page's address."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.screen import arrives, axe, lab_opens, settle

LONGEST_MS = 120_000


def opened(page: Page, app_url: str, scenario: str = "plain") -> None:
    page.goto(f"{app_url}/lab?s={scenario}")
    shown(page)


REMEMBERED = "() => sessionStorage.getItem('streamwise.measured.plain')"


def shown(page: Page) -> None:
    lab_opens(page)
    settle(page)
    page.get_by_text("Measure it several times").click()
    expect(page.get_by_test_id("headless-status")).to_be_visible()


def measure(page: Page) -> None:
    page.get_by_text("One run", exact=True).click()  # waits until the section has stopped opening
    expect(page.locator("input[name=runs][value='1']")).to_be_checked()
    page.get_by_test_id("headless-start").click()
    expect(page.get_by_test_id("headless-start")).to_be_disabled()


def until_measured(page: Page) -> None:
    expect(page.get_by_test_id("headless-status")).to_contain_text("Done.", timeout=LONGEST_MS)
    expect(page).to_have_url(re.compile(r"[?&]e=[0-9a-f]{12}"))


def tokens(page: Page) -> list[str]:
    return page.get_by_test_id("headless-table").locator("tr[data-figure=tokens] td").all_inner_texts()


def test_two_people_measure_at_once_and_one_reloads(app_url: str, page: Page, browser: Browser) -> None:
    opened(page, app_url)
    measure(page)
    other = browser.new_context().new_page()
    opened(other, app_url, "plain")
    measure(other)
    expect(other.get_by_test_id("headless-status")).to_contain_text("Measurements before yours: 1.")
    page.wait_for_function(REMEMBERED)
    page.reload()
    shown(page)  # it was not forgotten
    until_measured(page)
    until_measured(other)
    assert tokens(page) == tokens(other) == ["60", "60"]
    assert page.url.split("e=")[1] != other.url.split("e=")[1]
    other.context.close()
    assert axe(page) == []

    # The record, by its address alone, for somebody who has never been here.
    ids = page.url.split("e=")[1].split("&")[0]
    page.goto(f"{app_url}/record?a=1~uplink.controls&e={ids}")
    settle(page)
    expect(page.get_by_text("Include: Side by side")).to_be_visible()
    page.reload()
    settle(page)
    expect(page.get_by_text("Include: Side by side")).to_be_visible()


def test_what_was_measured_while_another_scenario_was_looked_at_is_handed_over_once(app_url: str, page: Page) -> None:
    opened(page, app_url)
    measure(page)
    page.wait_for_function(REMEMBERED)
    asked = f"{app_url}/api/experiments/{page.evaluate(REMEMBERED)}"
    other = page.locator(".st-key-lab_picked button", has_text="Dropped connection")
    other.click()
    expect(page).to_have_url(re.compile(r"s=drop"))
    done = "async (url) => (await (await fetch(url)).json()).state === 'done'"
    page.wait_for_function(done, arg=asked, polling=200, timeout=LONGEST_MS)
    assert "e=" not in page.url
    page.locator(".st-key-lab_picked button", has_text="Side by side").click()
    shown(page)
    until_measured(page)
    page.reload()
    shown(page)
    expect(page.get_by_test_id("headless-status")).to_have_text("Measured earlier in this tab.")


def test_back_takes_the_newest_measurement_out_and_is_no_trap(app_url: str, page: Page) -> None:
    opened(page, app_url)
    measure(page)
    until_measured(page)
    page.go_back()
    settle(page)
    expect(page).to_have_url(f"{app_url}/lab?s=plain")
    page.go_forward()
    settle(page)
    expect(page).to_have_url(re.compile(r"e=[0-9a-f]{12}"))


@pytest.mark.parametrize("place", ["lab?s=plain", "record?a=1~uplink.controls"])
def test_what_is_no_longer_known_is_said_and_not_dropped(app_url: str, page: Page, place: str) -> None:
    page.goto(f"{app_url}/{place}&e=000000000000")
    settle(page)
    expect(page.get_by_text("has expired on the server")).to_be_visible()
    arrives(page, lambda url: "e=000000000000" in url)


def test_a_refusal_is_said_and_the_form_can_be_used_again(app_url: str, page: Page, expected_errors: list[str]) -> None:
    expected_errors.append("429")
    answer = '{"error": "too_many_experiments", "message": "3 measurements of yours are waiting."}'
    page.route("**/api/experiments", lambda route: route.fulfill(status=429, body=answer))
    opened(page, app_url)
    page.get_by_text("One run", exact=True).click()  # waits until the section has stopped opening
    page.get_by_test_id("headless-start").click()
    expect(page.get_by_test_id("headless-status")).to_have_text("3 measurements of yours are waiting.")
    expect(page.get_by_test_id("headless-start")).to_be_enabled()


def test_a_busy_server_is_asked_again_after_a_reload(app_url: str, page: Page, expected_errors: list[str]) -> None:
    expected_errors.append("503")
    busy = [503, 503]

    def answer(route: Route) -> None:
        if busy:
            route.fulfill(status=busy.pop(), body='{"error": "busy", "message": "Too many requests."}')
        else:
            route.continue_()

    opened(page, app_url)
    measure(page)
    page.wait_for_function(REMEMBERED)
    page.route("**/api/experiments/*", answer)
    page.reload()
    shown(page)
    until_measured(page)
    assert busy == []
