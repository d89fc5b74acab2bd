"""The real app in a child process, and the system's Chromium to look at it.

`app_url` and `browser` last for the whole run, `page` is fresh for each test. `settle(page)` and `axe(page)` are in
`tests.browser.screen`.
"""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.browser.chromium import FLAGS, find

ROOT = Path(__file__).parents[2]
START_S = 40
END_S = 8
"""An open stream once made the end hang for ever; it takes well under a second now."""


@pytest.fixture(scope="session")
def app_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the app, started as a user starts it. Fails at the end if it would not stop, or logged a traceback."""
    log = tmp_path_factory.mktemp("app") / "log"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py"]
    command += ["--server.address", "127.0.0.1", "--server.port", str(port)]
    with log.open("wb") as out:
        app = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT)
    try:
        _wait_until_healthy(app, f"http://127.0.0.1:{port}/_stcore/health", log)
        yield f"http://127.0.0.1:{port}"
        app.send_signal(signal.SIGTERM)
        try:
            app.wait(END_S)
        except subprocess.TimeoutExpired:
            pytest.fail(f"The app did not end within {END_S} s of SIGTERM. Its log:\n{log.read_text()}")
        assert "Traceback" not in log.read_text(), log.read_text()
    finally:
        app.kill()
        app.wait()


def _wait_until_healthy(app: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if app.poll() is not None:
            break
        try:
            if httpx.get(url, timeout=1).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)  # between two looks at the door, not a guess at how long the start takes
    pytest.fail(f"The app did not start within {START_S} s. Its log:\n{log.read_text()}")


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
