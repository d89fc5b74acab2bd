"""Input while output streams, told by the page's own counters."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Request, Route, WebSocket, expect

from tests.browser.labs import choose, predict, row, run, shows, until_over
from tests.browser.screen import axe

TRANSPORTS = ("sse", "websocket")


class Inputs:
    """What the browser really sent, seen from outside the page."""

    def __init__(self, page: Page) -> None:
        self.requests: list[Request] = []
        self.frames: list[str] = []
        page.on("request", self._request)
        page.on("websocket", self._websocket)

    def _request(self, request: Request) -> None:
        if "input.inject" in (request.post_data or ""):
            self.requests.append(request)

    def _websocket(self, websocket: WebSocket) -> None:
        websocket.on("framesent", self._frame)

    def _frame(self, frame: str | bytes) -> None:
        if "input.inject" in str(frame):
            self.frames.append(str(frame))


@pytest.mark.parametrize(("pace", "count"), [("often", 40), ("rare", 4)])
def test_a_short_input_costs_a_request_by_post_and_a_frame_in_band(
    app_url: str, page: Page, pace: str, count: int
) -> None:
    inputs = Inputs(page)
    choose(page, app_url, "steer", pace=pace)
    predict(page, "many")
    run(page)
    assert (row(page, "inputs"), row(page, "unheard"), row(page, "requests")) == ([count] * 2, [0, 0], [count, 0])
    assert (row(page, "lost"), row(page, "repeated")) == ([0, 0], [0, 0])
    by_post, in_band = row(page, "sent_bytes")
    assert (len(inputs.requests), len(inputs.frames)) == (count, count)
    assert in_band == round(sum(len(frame) + 6 for frame in inputs.frames) / count)
    bodies = sum(len(request.post_data or "") for request in inputs.requests) / count
    assert by_post is not None
    assert by_post > bodies + len("POST /api HTTP/1.1\r\nHost: 127.0.0.1\r\n")
    assert all(found and found > 0 for name in ("ack_ms", "steer_ms") for found in row(page, name))
    expect(page.get_by_test_id("lab-judged")).to_contain_text("As you expected")
    shows(page, "an input by POST takes" if pace == "often" else "a few inputs are no burden.")
    last = re.compile(rf"\[You said: .*topic {count - 1};\]")
    for transport in TRANSPORTS:
        expect(page.get_by_test_id(f"{transport}-text")).to_contain_text(last)
    assert axe(page) == []


def test_a_model_that_does_not_listen_is_not_asked(app_url: str, page: Page) -> None:
    inputs = Inputs(page)
    page.route("**/api/health", lambda route: route.fulfill(json={"status": "ok", "model": "large"}))
    choose(page, app_url, "steer")
    page.get_by_test_id("lab-start").click()
    expect(page.get_by_test_id("lab-status")).to_contain_text("takes no input while it writes")
    expect(page.get_by_test_id("lab-start")).to_be_enabled()
    assert not inputs.requests


def test_an_input_that_is_refused_ends_the_run_with_its_reason(app_url: str, page: Page) -> None:
    def answer(route: Route, request: Request) -> None:
        if "input.inject" in (request.post_data or ""):
            route.fulfill(json={"type": "error", "id": 1, "error": "too_many_inputs", "message": "Told enough."})
        else:
            route.continue_()

    choose(page, app_url, "steer")
    page.route("**/commands", answer)
    page.get_by_test_id("lab-start").click()
    expect(page.get_by_test_id("lab-status")).to_contain_text("Told enough.")
    expect(page.get_by_test_id("lab-start")).to_be_enabled()
    page.unroute("**/commands")
    page.get_by_test_id("lab-start").click()
    until_over(page)
    assert row(page, "unheard") == [0, 0]
