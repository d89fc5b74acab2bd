"""A stopped answer, for our server and for three that do not hear it: what still came, and what was still made."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.labs import choose, predict, row, run, shows
from tests.browser.screen import axe
from tests.known import known

pytestmark = pytest.mark.calm
"""A browser or a server that starves for three seconds meets an answer that is already complete."""
WAYS = ("close", "explicit")
REST = 30
"""Of 120 tokens, at 30 a second, about 90 are left when it is stopped."""


def stop(page: Page, app_url: str, server: str, way: str) -> tuple[list[float | None], list[float | None]]:
    """(tokens made after the stop, tokens that came after it), by pane."""
    choose(page, app_url, "stop", server=server, way=way)
    predict(page, "none")
    run(page)
    assert all(ms is not None for ms in row(page, "model_stop_ms"))
    return row(page, "wasted_tokens"), row(page, "after_stop")


@pytest.mark.parametrize("way", WAYS)
def test_our_server_stops_when_told_and_when_left(app_url: str, page: Page, way: str) -> None:
    wasted, _ = stop(page, app_url, "good", way)
    assert max(map(known, wasted)) < 10
    expect(page.get_by_test_id("lab-judged")).to_contain_text("As you expected")
    shows(page, "closing the connection stopped the model" if way == "close" else "Stop stopped the model")


def test_a_run_that_is_kept_is_stopped_by_a_word_only(app_url: str, page: Page) -> None:
    closed, _ = stop(page, app_url, "kept", "close")
    shows(page, "the connection was closed, and the model wrote on for nobody")
    told, _ = stop(page, app_url, "kept", "explicit")
    assert min(map(known, closed)) > REST
    assert max(map(known, told)) < 10


def test_a_frozen_loop_hears_nothing(app_url: str, page: Page) -> None:
    wasted, came = stop(page, app_url, "blocking", "explicit")
    assert min(map(known, wasted)) > REST
    assert min(map(known, came)) > REST
    expect(page.get_by_test_id("lab-judged")).to_contain_text("It was: All of the rest.")
    shows(page, "Stop was not heard until the answer was complete")
    assert axe(page) == []


@pytest.mark.parametrize("way", WAYS)
def test_a_detached_task_goes_on_behind_an_answer_that_looks_stopped(app_url: str, page: Page, way: str) -> None:
    wasted, came = stop(page, app_url, "detached", way)
    assert min(map(known, wasted)) > REST
    assert max(map(known, came)) < 10
    shows(page, "the connection was closed, and" if way == "close" else "it looked stopped, and the model wrote on")


def test_only_the_socket_is_deaf_and_only_to_words(app_url: str, page: Page) -> None:
    (sse, socket), (_, came) = stop(page, app_url, "deaf", "explicit")
    assert known(sse) < 10
    assert known(socket) > REST
    assert known(came) > REST
    shows(page, "the stop was heard beside SSE, and not on the WebSocket")
    closed, _ = stop(page, app_url, "deaf", "close")
    assert max(map(known, closed)) < 10
