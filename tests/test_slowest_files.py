"""The slowest files stand first, with all that their tests took."""

from __future__ import annotations

import pytest

from tests.slowest_files import MOST, SlowestFiles


class Terminal:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def section(self, title: str) -> None:
        self.lines.append(title)

    def write_line(self, line: str) -> None:
        self.lines.append(line)


def told(*tests: tuple[str, float]) -> list[str]:
    slowest, terminal = SlowestFiles(), Terminal()
    for name, took in tests:
        slowest.pytest_runtest_logreport(
            pytest.TestReport(name, ("", 0, ""), {}, "passed", None, "call", duration=took)
        )
    slowest.pytest_terminal_summary(terminal)  # type: ignore[arg-type]
    return terminal.lines


def test_a_files_tests_are_added_up() -> None:
    lines = told(("a.py::one", 1), ("b.py::one", 2.5), ("a.py::two[x::y]", 2))
    assert [line.split() for line in lines] == [["slowest", "files"], ["3.0", "s", "a.py"], ["2.5", "s", "b.py"]]


def test_no_more_than_ten_and_nothing_about_one_file() -> None:
    assert len(told(*((f"{n}.py::one", float(n)) for n in range(20)))) == 1 + MOST
    assert told(("a.py::one", 1)) == []
