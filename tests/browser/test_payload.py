"""What is sent against what carries it, told by the page's own counters; and that leaving ends the stream."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.labs import choose, predict, row, run, shows
from tests.browser.screen import axe, settle

FORMS = ("v2_events", "messages", "protocol", "tokens")


def test_the_form_matters_more_than_the_transport(app_url: str, page: Page) -> None:
    choose(page, app_url, "payload")
    predict(page, "transport")
    run(page)
    assert row(page, "tokens") == [900] * 4
    sse, socket = row(page, "sse_token_bytes"), row(page, "websocket_token_bytes")
    assert sse == sorted(sse, reverse=True)  # type: ignore[type-var]
    assert sse[0] > 20 * sse[-1]  # type: ignore[operator]
    assert all(1 <= one < 3 for one in row(page, "transport_times"))  # type: ignore[operator]
    assert socket[-1] < sse[-1]  # type: ignore[operator]
    # The running counters have come to the same: bytes in all, by the tokens.
    for form, per_token in zip(FORMS, sse, strict=True):
        total = int(re.sub(r"\D", "", page.get_by_test_id(f"{form}-sse-bytes").inner_text()))
        assert abs(total / 900 - per_token) < 1  # type: ignore[operator]
    expect(page.get_by_test_id("lab-judged")).to_have_text("You expected: SSE or WebSocket. It was: What is sent.")
    expect(page.get_by_test_id("lab-sentence")).to_contain_text("× the bytes of the leanest")
    shows(page, "what you send weighs far more than what carries it.")
    expect(page.get_by_test_id("lab-save")).to_be_disabled()
    expect(page.get_by_test_id("lab-unread")).to_contain_text("cannot be saved")
    assert axe(page) == []

    # And it goes into the record.
    page.goto(f"{app_url}/record?a=1~uplink.controls&e={page.url.split('e=')[1].split('&')[0]}")
    settle(page)
    expect(page.get_by_text("Include: What you send")).to_be_visible()


def test_leaving_in_the_middle_ends_the_stream(app_url: str, page: Page) -> None:
    gone: list[str] = []
    page.on("requestfailed", lambda request: gone.append(request.url))
    choose(page, app_url, "payload")
    page.get_by_test_id("lab-start").click()
    expect(page.get_by_test_id("v2_events-tokens")).to_have_text(re.compile(r"^[1-9]"))
    with page.expect_event("requestfailed", lambda request: "/api/payload" in request.url):
        page.get_by_text("Side by side").first.click()
    settle(page)
    assert any("/api/payload" in url for url in gone)


def test_a_server_that_refuses_is_named(app_url: str, page: Page, expected_errors: list[str]) -> None:
    expected_errors.append("503")
    page.route("**/api/payload*", lambda route: route.fulfill(status=503, body="{}"))
    choose(page, app_url, "payload")
    page.get_by_test_id("lab-start").click()
    expect(page.get_by_test_id("lab-status")).to_contain_text("This run could not go on.")
    expect(page.get_by_test_id("lab-start")).to_be_enabled()
