"""Who runs which test: files stay whole, pages go one by one, and no other test follows a page."""

from __future__ import annotations

import ast
import os
import re
import threading
from collections.abc import Generator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

pytest.importorskip("xdist")
from tests import patience
from tests.patience import VARIABLE, factor, seconds, slowness
from tests.quiet import Quiet
from tests.workers import COMMANDS, FEW, FIRST, MANY, PAGES, QUIET, SLOW, TOGETHER, Sharing, chosen, unit

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


def unfinished(nodes: list[Worker], ran: list[list[str]]) -> bool:
    return any(len(node.told) > len(done) for node, done in zip(nodes, ran, strict=True))


def shared(tests: list[str], workers: int, pages: int, went: list[str] | None = None) -> list[list[str]]:
    """Let every worker run what it is given, one test each by turns; returns the tests of each in their order.
    `went` gets those of all of them. As pytest-xdist does: a worker begins a test when it knows what comes after it.
    """
    config = SimpleNamespace(getvalue=lambda name: ["popen"] * workers, option=SimpleNamespace(loadscopereorder=False))
    log: Any = SimpleNamespace(loadscopesched=lambda *words: None)
    sharing = Sharing(config, log, pages)  # type: ignore[arg-type]
    nodes = [Worker(f"gw{n}") for n in range(workers)]
    for node in nodes:
        sharing.add_node(node)
        sharing.add_node_collection(node, tests)
    sharing.schedule()
    ran: list[list[str]] = [[] for _ in nodes]
    while unfinished(nodes, ran):
        if sharing.tests_finished:
            for node in nodes:
                node.shutdown()
        before = sum(map(len, ran))
        for node, done in zip(nodes, ran, strict=True):
            if len(node.told) - len(done) > (not node.shutting_down):
                index = node.told[len(done)]
                done.append(tests[index])
                if went is not None:
                    went.append(tests[index])
                sharing.mark_test_complete(node, index)
        assert sum(map(len, ran)) > before or sharing.tests_finished, "nobody knows what comes next"
    assert sharing.tests_finished
    return ran


@pytest.mark.parametrize("workers", [1, 2, 3, 5])
def test_somebody_is_left_for_what_is_quiet_and_no_page(workers: int) -> None:
    """A worker that has had a page cannot take it, and the others have nothing else to do long before."""
    quiet = [f"{file}::test_{n}" for file in QUIET if not file.startswith(PAGES) for n in range(2)]
    few = [f"tests/guide/test_{name}.py::test_a" for name in "ab"]
    pages = [f"{PAGES}test_lab.py::test_{n}" for n in range(60)]
    ran = shared([*few, *quiet, *pages], workers, pages=workers // 2)
    assert sorted(test for tests in ran for test in tests) == sorted([*few, *quiet, *pages])
    [worker] = [tests for tests in ran if set(quiet) & set(tests)]
    assert set(quiet) <= set(worker)
    assert workers == 1 or not any(test.startswith(PAGES) for test in worker)


KINDS = (
    f"{PAGES}test_lab.py",
    f"{PAGES}test_stop.py",
    f"{PAGES}test_through.py",
    "tests/guide/test_a.py",
    "tests/test_soak.py",
    COMMANDS,
    *(file for file in QUIET if not file.startswith(PAGES)),
)


@given(
    st.dictionaries(st.sampled_from(KINDS), st.integers(1, 4), min_size=1),
    st.sampled_from([1, 2, 3, 5]),
)
@example({KINDS[0]: 3, KINDS[-1]: 1, KINDS[-2]: 1}, 2)  # it hung: a worker had one unit of one test, and got no second
def test_any_mixture_of_tests_is_run_to_its_end(counts: dict[str, int], workers: int) -> None:
    """None waits for something that comes only after it."""
    tests = [f"{file}::test_{n}" for file, count in counts.items() for n in range(count)]
    ran = shared(tests, workers, pages=workers // 2)
    assert sorted(test for done in ran for test in done) == sorted(tests)


@pytest.mark.parametrize("workers", [2, 3, 5])
def test_calm_pages_wait_for_what_they_would_stop(workers: int) -> None:
    """Each of them is alone, and no other test begins beside it: so all others have begun by then."""
    calm = [f"{PAGES}test_stop.py::test_{n}" for n in range(8)]
    pages = [f"{PAGES}test_lab.py::test_{n}" for n in range(6)]
    others = [f"tests/guide/test_{n}.py::test_a" for n in range(60)]
    quiet = [f"{file}::test_a" for file in QUIET if not file.startswith(PAGES)]
    went: list[str] = []
    shared([*calm, *pages, *quiet, *others], workers, pages=workers // 2, went=went)
    assert sorted(went) == sorted([*calm, *pages, *quiet, *others])
    began = min(map(went.index, calm))
    # Each worker is told of its next unit while it runs two.
    assert len(set(others) - set(went[:began])) <= 2 * workers
    assert set(pages) <= set(went[:began])


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


def test_a_slow_machine_has_fewer_workers_and_longer_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert (chosen(1.0), chosen(SLOW)) == (MANY, MANY)
    assert VARIABLE not in os.environ  # each worker measures by itself
    assert chosen(3.0) == FEW < MANY
    assert os.environ[VARIABLE] == "3.00"
    factor.cache_clear()
    try:
        assert seconds(2) >= 6
    finally:
        factor.cache_clear()
    monkeypatch.setenv(VARIABLE, "7")
    assert chosen(3.0) == FEW
    assert os.environ[VARIABLE] == "7", "what somebody has set, stays"


@pytest.mark.parametrize(
    ("took_s", "found"),
    [([0.9], 1.0), ([1.2], 1.0), ([3.6, 3.6, 3.0, 3.6, 3.6], 2.5), ([2.4, 1.3], 1.3 / 1.2), ([99.0] * 5, 20.0)],
)
def test_how_slow_it_is(monkeypatch: pytest.MonkeyPatch, took_s: list[float], found: float) -> None:
    left = iter(took_s)
    monkeypatch.setattr(patience, "_together_s", lambda: next(left))
    assert slowness() == pytest.approx(found)
    assert next(left, None) is None, "it is asked no more often than it must be"


def test_how_long_two_take_is_measured() -> None:
    assert 0.05 < patience._together_s() < 600


ALL_OF_IT = re.compile(r"(?m)^pytestmark = pytest\.mark\.(quiet|calm)\b")
MARKED = re.compile(r"(?m)^@pytest\.mark\.(?:quiet|calm)\n(?:@.+\n)*(?:async )?def (\w+)")


def quiet_ones(path: Path) -> set[str]:
    """A file that has tests marked so, or of a file of pages these tests."""
    text, file = path.read_text("utf-8"), path.relative_to(ROOT).as_posix()
    marked = MARKED.findall(text)
    assert text.count("pytest.mark.quiet") + text.count("pytest.mark.calm") == len(marked) + bool(
        ALL_OF_IT.search(text)
    )
    alone = marked and unit(f"{file}::test_a") != file and not ALL_OF_IT.search(text)
    return {f"{file}::{test}" for test in marked} if alone else {file} if marked or ALL_OF_IT.search(text) else set()


def test_what_wants_quiet_comes_last_and_is_known() -> None:
    files = [path for path in ROOT.glob("tests/**/test_*.py") if path != Path(__file__)]
    assert set().union(*map(quiet_ones, files)) == set(QUIET)
    quiet = [QUIET[0], f"{QUIET[-1]}::test_b"]
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
    assert {tests[0].partition("::")[0] for tests in ran} == set(FIRST)


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
