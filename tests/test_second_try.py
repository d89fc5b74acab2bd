"""What failed beside others is asked again alone: told if it passes, a failure if it does not, or if many failed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.second_try import MOST

ROOT = Path(__file__).parents[1]
CONFTEST = """
from tests.second_try import SecondTry

def pytest_configure(config):
    if config.getoption("numprocesses", None):
        config.pluginmanager.register(SecondTry())
"""
BESIDE_OTHERS = "def test_{}(): assert 'PYTEST_XDIST_WORKER' not in os.environ\n"
ALWAYS = "def test_{}(): assert False\n"
NEVER = "def test_{}(): pass\n"
FIXTURE = """
@pytest.fixture
def shared():
    assert 'PYTEST_XDIST_WORKER' not in os.environ

def test_{}(shared): pass
"""


def run(folder: Path, tests: list[str]) -> tuple[int, str]:
    """Exit code and output of two workers with these tests."""
    (folder / "conftest.py").write_text(CONFTEST)
    named = [test.format(number) for number, test in enumerate(tests)]
    (folder / "test_here.py").write_text("import os\nimport pytest\n" + "".join(named))
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "-n", "2", "--rootdir", str(folder)]
    found = subprocess.run(
        [*command, str(folder)], cwd=folder, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    return found.returncode, found.stdout


@pytest.mark.parametrize("test", [BESIDE_OTHERS, FIXTURE])
def test_what_passes_alone_is_told_and_the_run_is_green(tmp_path: Path, test: str) -> None:
    code, told = run(tmp_path, [NEVER, test])
    assert code == 0
    assert "1 failed. Asked again, alone:" in told or "1 error" in told
    assert told.splitlines()[-1] == "UNSTEADY: test_here.py::test_1 failed beside other tests and passed alone"


def test_what_fails_twice_is_a_failure(tmp_path: Path) -> None:
    code, told = run(tmp_path, [NEVER, BESIDE_OTHERS, ALWAYS])
    assert code == 1
    assert "2 failed. Asked again, alone:" in told
    assert "UNSTEADY" not in told


def test_many_failures_are_not_asked_again(tmp_path: Path) -> None:
    code, told = run(tmp_path, [BESIDE_OTHERS] * (MOST + 1))
    assert code == 1
    assert "Asked again" not in told


def test_a_green_run_says_nothing_of_it(tmp_path: Path) -> None:
    code, told = run(tmp_path, [NEVER])
    assert code == 0
    assert not {"Asked", "UNSTEADY:"} & set(told.split())
