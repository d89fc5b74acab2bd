"""Who runs which test: files stay whole, pages go one by one, and no other test follows a page."""

from __future__ import annotations

import ast
import re
import threading
from collections.abc import Generator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("xdist")
from tests.patience import seconds
from tests.quiet import Quiet
from tests.workers import COMMANDS, FIRST, PAGES, QUIET, TOGETHER, Sharing, unit

ROOT = Path(__file__).parents[1]


class Worker:
    """Keeps what it is told to run."""

    def __init__(self, name: str) -> None:
        self.gateway = SimpleNamespace(id=name)
        self.told: list[int] = []
        self.shutting_down = False

    def send_runtest_some(self, indices: list[int]) -> None:
        self.told += indices

    def shutdown(self) -> None:
        self.shutting_down = True


def shared(tests: list[str], workers: int, pages: int) -> list[list[str]]:
    """Let every worker run what it is given, one test each by turns; returns the tests of each in their order."""
    config = SimpleNamespace(getvalue=lambda name: ["popen"] * workers, option=SimpleNamespace(loadscopereorder=False))
    log: Any = SimpleNamespace(loadscopesched=lambda *words: None)
    sharing = Sharing(config, log, pages)  # type: ignore[arg-type]
    nodes = [Worker(f"gw{n}") for n in range(workers)]
    for node in nodes:
        sharing.add_node(node)
        sharing.add_node_collection(node, tests)
    sharing.schedule()
    ran: list[list[str]] = [[] for _ in nodes]
    while any(len(node.told) > len(done) for node, done in zip(nodes, ran, strict=True)):
        for node, done in zip(nodes, ran, strict=True):
            if len(node.told) > len(done):
                index = node.told[len(done)]
                done.append(tests[index])
                sharing.mark_test_complete(node, index)
    assert sharing.tests_finished
    return ran


def test_a_file_is_one_unit_but_pages_and_commands_are_alone() -> None:
    assert unit("tests/guide/test_words.py::test_a[x]") == "tests/guide/test_words.py"
    assert unit(f"{PAGES}test_lab.py::test_a[x]") == f"{PAGES}test_lab.py::test_a[x]"
    assert unit(f"{COMMANDS}::test_a") == f"{COMMANDS}::test_a"
    for file in TOGETHER:
        assert unit(f"{file}::test_a") == file


def test_every_test_runs_once_and_none_but_pages_after_a_page() -> None:
    others = [f"tests/guide/test_{file}.py::test_{n}" for file in "abcdef" for n in range(5)]
    pages = [f"{PAGES}test_lab.py::test_{n}" for n in range(12)]
    ran = shared(others + pages, workers=4, pages=2)
    assert sorted(test for tests in ran for test in tests) == sorted(others + pages)
    for tests in ran:
        first = next((n for n, test in enumerate(tests) if test.startswith(PAGES)), len(tests))
        assert all(test.startswith(PAGES) for test in tests[first:])
    assert all(test.startswith(PAGES) for test in ran[0] + ran[1]), "two workers begin with pages"
    assert {unit(test) for test in ran[2]} & {unit(test) for test in ran[3]} & {unit(test) for test in others} == set()


@pytest.mark.parametrize(("count", "prefix"), [(7, "tests/guide/test_a.py"), (7, f"{PAGES}test_lab.py"), (1, COMMANDS)])
def test_one_kind_alone_is_run_too(count: int, prefix: str) -> None:
    tests = [f"{prefix}::test_{n}" for n in range(count)]
    assert sorted(test for tests in shared(tests, workers=4, pages=2) for test in tests) == sorted(tests)


MARKED = re.compile(r"(@|= )pytest\.mark\.(quiet|calm)\b")


def test_what_wants_quiet_comes_last_and_is_known() -> None:
    marked = [path for path in ROOT.glob("tests/**/test_*.py") if MARKED.search(path.read_text("utf-8"))]
    assert {path.relative_to(ROOT).as_posix() for path in marked} - {"tests/test_workers.py"} == set(QUIET)
    quiet = [f"{QUIET[0]}::test_a", f"{QUIET[-1]}::test_b"]
    others = [f"{PAGES}test_lab.py::test_{n}" for n in range(4)] + [
        f"tests/guide/test_{n}.py::test_a" for n in range(4)
    ]
    for tests in (quiet + others, others + quiet):
        one, two = shared(tests, workers=2, pages=1)
        assert not set(quiet) & {*one[:-1], *two[:-1]}


def test_two_calm_tests_go_on_at_once_and_nobody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [tmp_path / name for name in ("door", "one", "two")]
    for file in files:
        file.touch()
    monkeypatch.setattr(Quiet, "DOOR", files[0])
    monkeypatch.setattr(Quiet, "PLACES", tuple(files[1:]))
    went: list[str] = []

    def protocol(mark: str) -> Generator[None, object, object]:
        item: Any = SimpleNamespace(get_closest_marker=lambda name: name if name == mark else None)
        return Quiet().pytest_runtest_protocol(item)

    def go(mark: str) -> None:
        test = protocol(mark)
        next(test)
        went.append(mark)
        test.close()

    for under_way, later in (("calm", ["calm", "", "quiet"]), ("", ["", "calm"]), ("quiet", ["calm", ""])):
        went.clear()
        first = protocol(under_way)
        next(first)
        waiting = [threading.Thread(target=go, args=[mark], daemon=True) for mark in later]
        waiting[0].start()
        if under_way != "quiet":  # its like goes on beside it
            waiting[0].join(seconds(10))
            assert went == [under_way]
        for one in waiting[1:]:
            one.start()
        for one in waiting[under_way != "quiet" :]:
            one.join(0.1)  # a slow machine can only let this pass
            assert one.is_alive(), "nobody else goes on"
        first.close()
        for one in waiting:
            one.join(seconds(10))
        assert sorted(went) == sorted(later)
        if under_way != "quiet":
            assert went[0] == under_way


def test_what_takes_longest_begins_first() -> None:
    tests = [f"{file}::test_{n}" for file in ("tests/a.py", "tests/b.py", "tests/c.py", *FIRST) for n in range(4)]
    ran = shared(tests, workers=len(FIRST), pages=0)
    assert {unit(tests[0]) for tests in ran} == set(FIRST)


def test_files_that_are_named_exist_and_pages_that_share_a_fixture_stay_together() -> None:
    assert all((ROOT / file).is_file() for file in (*TOGETHER, *FIRST, COMMANDS))
    sharing = {
        file.relative_to(ROOT).as_posix()
        for file in (ROOT / PAGES).glob("test_*.py")
        if any(_scope(call) in ("module", "session") for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    }
    assert sharing == TOGETHER


def _scope(node: ast.AST) -> object:
    """The scope that a call of `pytest.fixture` names; None for anything else."""
    found = [key.value for key in node.keywords if key.arg == "scope"] if isinstance(node, ast.Call) else []
    return found[0].value if found and isinstance(found[0], ast.Constant) else None
