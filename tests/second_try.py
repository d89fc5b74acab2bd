"""Asks a few failed tests once more, alone, where several workers shared the machine; says which passed then.

Several workers on two cores starve each other now and then for longer than any bound that is still worth having. What
fails beside others and passes alone is told as unsteady, as the very last lines: it is a fault of the test, to be
mended, and no reason to keep everybody's work waiting. What fails twice is a failure; so are more than MOST at once.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

MOST = 3
"""Failed tests that are asked again. More of them have one cause, and it is not the load."""
BOUND_S = 300


class SecondTry:
    """For the process that hands tests to workers. Errors of fixtures count as failures of their test."""

    def __init__(self) -> None:
        self.failed: dict[str, None] = {}
        self.passed_alone: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed[report.nodeid] = None

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if session.exitstatus != pytest.ExitCode.TESTS_FAILED or not 0 < len(self.failed) <= MOST:
            return
        asked = [*self.failed]
        if ask(asked, session):
            self.passed_alone = asked
            session.exitstatus = pytest.ExitCode.OK

    def pytest_unconfigure(self) -> None:
        for test in self.passed_alone:
            print(f"UNSTEADY: {test} failed beside other tests and passed alone")


def ask(tests: list[str], session: pytest.Session) -> bool:
    """Whether all of these tests pass in a process of their own. `tests`: node ids. What they print is shown."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--quiet", *tests]
    # A few tests cannot hold every kind of test that the whole run must hold.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("STREAMWISE_REQUIRE_")}
    print(f"\n{len(tests)} failed. Asked again, alone:", flush=True)
    try:
        return subprocess.run(command, cwd=session.config.rootpath, env=environment, timeout=BOUND_S).returncode == 0
    except subprocess.TimeoutExpired:
        return False
