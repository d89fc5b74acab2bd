"""Says at the end of a run which test files took the longest: ten of them, each with its seconds by the clock."""

from __future__ import annotations

from collections import defaultdict

import pytest

MOST = 10
LEAST_FILES = 2
"""A file alone is as slow as pytest says already."""


class SlowestFiles:
    """Adds up what each test of a file took, its fixtures included. With several workers it is told by all of them."""

    def __init__(self) -> None:
        self.took: defaultdict[str, float] = defaultdict(float)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.took[report.nodeid.split("::")[0]] += report.duration

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if len(self.took) >= LEAST_FILES:
            terminalreporter.section("slowest files")
            for file, seconds in sorted(self.took.items(), key=lambda each: -each[1])[:MOST]:
                terminalreporter.write_line(f"{seconds:7.1f} s  {file}")
