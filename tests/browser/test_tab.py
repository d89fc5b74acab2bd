"""The tab that tests share: what one of them changed is gone for the next."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Error, Route

from demos.processes.ports import free_port
from tests.browser.tab import Tab

SEEN = """() => [innerWidth, ...["(prefers-color-scheme: dark)", "(prefers-reduced-motion: reduce)", "print"].map(
  query => matchMedia(query).matches)]"""


@pytest.fixture
def shared(visitor: BrowserContext) -> Tab:
    return Tab(visitor)


def answered(route: Route) -> None:
    route.fulfill(body="<h1>Answered</h1>", content_type="text/html")


def test_what_is_emulated_heard_and_answered_is_taken_back_in_the_same_tab(shared: Tab) -> None:
    page, address = shared.open(), f"http://127.0.0.1:{free_port()}/"
    usual = page.evaluate(SEEN)
    heard: list[str] = []
    page.on("request", lambda request: heard.append(request.url))
    page.on("response", lambda answer: heard.append(answer.url))
    page.route("**/*", answered)
    page.set_viewport_size({"width": 400, "height": 300})
    page.emulate_media(media="print", color_scheme="dark", reduced_motion="reduce")
    page.goto(address)
    assert heard == [address, address]
    assert page.evaluate(SEEN) == [400, True, True, True]
    shared.leave()
    again = shared.open()
    assert again is page
    assert again.evaluate(SEEN) == usual == [1280, False, False, False]
    with pytest.raises(Error, match="ERR_CONNECTION_REFUSED"):
        again.goto(address)
    assert heard == [address, address], "who listened has gone"
    shared.leave()
    again.close()


def test_a_script_that_comes_with_every_page_ends_the_tab(shared: Tab) -> None:
    page = shared.open()
    page.add_init_script("window.left = true")
    shared.leave()
    assert page.is_closed()
    again = shared.open()
    assert again.evaluate("() => window.left") is None
    again.close()
