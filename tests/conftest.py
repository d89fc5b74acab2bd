"""What every test run does: browser tests last, and an honest count of those that were left out."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import settings

from tests.browser.chromium import find

BROWSER_TESTS = Path(__file__).parent / "browser"
REQUIRED = "STREAMWISE_REQUIRE_BROWSER"
"""Set to 1 where a browser test that did not run is a failure; .ci/run sets it."""

# Tests never ask the model of whoever runs them.
for name in [name for name in os.environ if name.startswith("STREAMWISE_MODEL")]:
    del os.environ[name]

# The same examples on every run: a test that fails on Tuesdays only is no help. No deadline: machines differ.
settings.register_profile("streamwise", derandomize=True, deadline=None, database=None)
settings.load_profile("streamwise")


class BrowserTests:
    """Counts the browser tests that did not run, whoever left them out: no Chromium, a skip, `-k` or `-m`."""

    def __init__(self) -> None:
        self.found = False
        self.left_out: set[str] = set()

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        # Last, since Playwright keeps an event loop running in this thread until it is stopped.
        items.sort(key=_in_browser)
        for item in filter(_in_browser, items):
            self.found = True
            if find() is None:
                item.add_marker(pytest.mark.skip(reason="no Chromium on this machine"))

    def pytest_deselected(self, items: Iterable[pytest.Item]) -> None:
        self.left_out.update(item.nodeid for item in items if _in_browser(item))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and "browser" in report.keywords:
            self.left_out.add(report.nodeid)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if os.environ.get(REQUIRED) == "1" and (self.left_out or not self.found) and session.exitstatus == 0:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_unconfigure(self) -> None:
        """The very last lines, after pytest's own, where they are not overlooked."""
        required = os.environ.get(REQUIRED) == "1"
        if self.left_out and (required or find() is None):
            why = "left out: no Chromium" if find() is None else "left out or deselected"
            print(f"{len(self.left_out)} browser tests {why}")
        if required and (self.left_out or not self.found):
            print(f"FAILED: {REQUIRED}=1 asks for every browser test to run")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(BrowserTests(), "browser-tests")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Marked as they are collected, so that `-m 'not browser'` works."""
    if BROWSER_TESTS in item.path.parents:
        item.add_marker(pytest.mark.browser)


def _in_browser(item: pytest.Item) -> bool:
    return item.get_closest_marker("browser") is not None
