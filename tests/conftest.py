"""What every test run does: browser tests last, an honest count of those left out, quiet for those that time."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.browser.chromium import find
from tests.patience import slowness
from tests.quiet import Quiet
from tests.second_try import SecondTry
from tests.slowest_files import SlowestFiles

BROWSER_TESTS = Path(__file__).parent / "browser"

# Tests never ask the model of whoever runs them.
for name in [name for name in os.environ if name.startswith("STREAMWISE_MODEL")]:
    del os.environ[name]
# A shell's background run ignores Ctrl-C, and so would every process that tests start, and end by it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
# Nor do they leave anything in this folder.
os.environ["STREAMWISE_EVIDENCE_FOLDER"] = "off"

# The same examples on every run: a test that fails on Tuesdays only is no help. No deadline: machines differ.
settings.register_profile("streamwise", derandomize=True, deadline=None, database=None)
settings.load_profile("streamwise")


class Counted:
    """Counts tests that need something of the machine and did not run, whoever left them out: a skip, `-k` or `-m`."""

    def __init__(self, marker: str, told: str, missing: str) -> None:
        self.marker = marker
        self.told = told
        self.missing = missing
        self.required = f"STREAMWISE_REQUIRE_{told.upper()}"
        """Set to 1 where such a test that did not run is a failure; .ci/run sets it."""
        self.found = False
        self.skipped: set[str] = set()
        self.left_out: set[str] = set()

    @property
    def asked_for(self) -> bool:
        return os.environ.get(self.required) == "1"

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        self.found = any(self.counts(item) for item in items)

    def counts(self, item: pytest.Item) -> bool:
        return item.get_closest_marker(self.marker) is not None

    def pytest_deselected(self, items: Iterable[pytest.Item]) -> None:
        self.left_out.update(item.nodeid for item in items if self.counts(item))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and self.marker in report.keywords:
            self.skipped.add(report.nodeid)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if _is_worker(session.config):  # it collects, and its controller, which does not, judges
            session.config.workeroutput[self.required] = self.found, [*self.left_out]  # type: ignore[attr-defined]
        elif self.asked_for and (self.left_out or self.skipped or not self.found) and session.exitstatus == 0:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """pytest-xdist: a worker is done. One that crashed has said nothing."""
        found, left_out = getattr(node, "workeroutput", {}).get(self.required, (False, []))
        self.found = self.found or found
        self.left_out.update(left_out)

    def pytest_unconfigure(self, config: pytest.Config) -> None:
        """The very last lines, after pytest's own, where they are not overlooked."""
        if _is_worker(config):
            return
        if self.skipped:
            print(f"{len(self.skipped)} {self.marker} tests left out: {self.missing}")
        if self.left_out and self.asked_for:
            print(f"{len(self.left_out)} {self.marker} tests deselected")
        if self.asked_for and (self.left_out or self.skipped or not self.found):
            print(f"FAILED: {self.required}=1 asks for every {self.marker} test to run")


class BrowserTests:
    """Browser tests come last, and are left out without a Chromium."""

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        # Last, since Playwright keeps an event loop running in this thread until it is stopped.
        items.sort(key=_in_browser)
        for item in filter(_in_browser, items):
            if find() is None:
                item.add_marker(pytest.mark.skip(reason="no Chromium on this machine"))


def pytest_configure(config: pytest.Config) -> None:
    if _is_worker(config):
        config.pluginmanager.register(Quiet(), "quiet")
    else:
        config.pluginmanager.register(SlowestFiles(), "slowest-files")
    config.pluginmanager.register(BrowserTests(), "browser-tests")
    config.pluginmanager.register(Counted("browser", "browser", "no Chromium"), "browser-counted")
    config.pluginmanager.register(Counted("engine", "engines", "no Redis or Valkey"), "engines-counted")
    config.pluginmanager.register(Counted("proxy", "proxies", "the proxy is not on this machine"), "proxies-counted")
    if config.getoption("numprocesses", None):  # last, so that it is asked before those who count judge the run
        config.pluginmanager.register(SecondTry(), "second-try")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Marked as they are collected, so that `-m 'not browser'` works."""
    if BROWSER_TESTS in item.path.parents:
        item.add_marker(pytest.mark.browser)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """pytest-xdist, `--numprocesses auto`: fewer on a slow machine, where all bounds are stretched too."""
    from tests.workers import chosen

    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None  # pytest-xdist obeys it
    return chosen(slowness())


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """pytest-xdist: half of the workers begin with browser tests."""
    from tests.workers import Sharing  # pytest-xdist itself, which is not needed where one process runs all

    return Sharing(config, log, pages=config.getvalue("numprocesses") // 2)


def _is_worker(config: pytest.Config) -> bool:
    """Whether this process runs tests for another one that shares them out (pytest-xdist)."""
    return hasattr(config, "workerinput")


def _in_browser(item: pytest.Item) -> bool:
    return item.get_closest_marker("browser") is not None
