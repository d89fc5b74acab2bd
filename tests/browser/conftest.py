"""The real app, and the system's Chromium to look at it.

`app_url` and `browser` last for the whole run, `page` is fresh for each test. `settle(page)` and `axe(page)` are in
`tests.browser.screen`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.browser.chromium import FLAGS, find
from tests.browser.running import running_app


@pytest.fixture(scope="session")
def app_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the app. Fails at the end if it would not stop, or logged a traceback."""
    with running_app(tmp_path_factory.mktemp("app") / "log") as url:
        yield url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium with a fresh profile."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=find(), args=list(FLAGS))
        yield found
        found.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A visitor of their own: no cookies, nothing stored."""
    found = browser.new_context(
        viewport={"width": 1280, "height": 900}, reduced_motion="no-preference", accept_downloads=True
    )
    found.set_default_timeout(20_000)
    yield found
    found.close()


@pytest.fixture
def expected_errors() -> list[str]:
    """Regular expressions of console errors that a test causes on purpose, such as a connection that is cut."""
    return []


@pytest.fixture
def page(context: BrowserContext, expected_errors: list[str]) -> Iterator[Page]:
    """A blank page. The test fails if a script of the page throws, or anything is logged as an error."""
    found = context.new_page()
    errors: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(f"{message.text} ({message.location.get('url', '')})")

    found.on("console", heard)
    found.on("pageerror", lambda error: errors.append(str(error)))
    yield found
    ours = [error for error in errors if not any(re.search(expected, error) for expected in expected_errors)]
    assert not ours, ours
