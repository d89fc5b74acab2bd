"""The real app, and the system's Chromium to look at it.

`app_url`, `browser` and `visitor` last for the whole run, `page` is as good as fresh for each test. `settle(page)` and
`axe(page)` are in `tests.browser.screen`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Frame,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

from tests.browser.chromium import FLAGS, find
from tests.browser.running import running_app
from tests.browser.screen import TRAFFIC
from tests.browser.tab import Tab
from tests.patience import milliseconds

STORED = "local_storage,indexeddb,cache_storage,service_workers"


@pytest.fixture(scope="session")
def app_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the app. Fails at the end if it would not stop, or logged a traceback."""
    with running_app(tmp_path_factory.mktemp("app") / "log") as url:
        yield url


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as found:
        expect.set_options(timeout=milliseconds(20_000))
        yield found


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """The system's Chromium, for visitors of their own."""
    found = playwright.chromium.launch(executable_path=find(), args=list(FLAGS))
    yield found
    found.close()


@pytest.fixture(scope="session")
def visitor(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """One for the whole run with a fresh profile. It keeps Streamlit's scripts, compiled: most of a page's start."""
    profile = tmp_path_factory.mktemp("profile")
    found = playwright.chromium.launch_persistent_context(
        profile,
        executable_path=find(),
        args=list(FLAGS),
        viewport={"width": 1280, "height": 900},
        reduced_motion="no-preference",
    )
    found.add_init_script(TRAFFIC)
    found.set_default_timeout(milliseconds(30_000))
    found.clock.install = _not_here  # type: ignore[method-assign]
    yield found
    found.close()


def _not_here(*_given: object, **_named: object) -> None:
    """A clock is the visitor's, and cannot be taken out again: every later test would have it."""
    raise AssertionError("Set the clock of a visitor of your own: tests.browser.room_people.visitors(browser, sizes).")


@pytest.fixture(scope="session")
def tab(visitor: BrowserContext) -> Tab:
    return Tab(visitor)


@pytest.fixture
def context(visitor: BrowserContext, tab: Tab) -> Iterator[BrowserContext]:
    """A visitor who has never been here: what the one before stored is gone, but for files that servers let be kept."""
    origins: set[str] = set()

    def navigated(frame: Frame) -> None:
        origins.add("{0.scheme}://{0.netloc}".format(urlsplit(frame.url)))

    def met(page: Page) -> None:
        Page.on(page, "framenavigated", navigated)

    visitor.on("page", met)
    if kept := tab.page:
        met(kept)
    yield visitor
    visitor.remove_listener("page", met)
    first, *others = visitor.pages  # without any page the browser would end
    for page in others:
        if page is tab.page:
            page.remove_listener("framenavigated", navigated)
        else:
            page.close()
    visitor.set_offline(False)
    visitor.clear_cookies()
    devtools = visitor.new_cdp_session(first)
    for origin in filter(lambda origin: origin.startswith("http"), origins):
        devtools.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": STORED})
    devtools.detach()


@pytest.fixture
def expected_errors() -> list[str]:
    """Regular expressions of console errors that a test causes on purpose, such as a connection that is cut."""
    return []


@pytest.fixture
def page(context: BrowserContext, tab: Tab, expected_errors: list[str]) -> Iterator[Page]:
    """A blank page. The test fails if a script of the page throws, or anything is logged as an error."""
    # A file may have a context of its own, for tests that must not share connections.
    found = tab.open() if context is tab.visitor else context.new_page()
    errors: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(f"{message.text} ({message.location.get('url', '')})")

    def thrown(error: Error) -> None:
        errors.append(str(error))

    Page.on(found, "console", heard)
    Page.on(found, "pageerror", thrown)
    yield found
    found.remove_listener("console", heard)
    found.remove_listener("pageerror", thrown)
    if context is tab.visitor:
        tab.leave()
    ours = [error for error in errors if not any(re.search(expected, error) for expected in expected_errors)]
    assert not ours, ours
