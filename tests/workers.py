"""Shares tests among pytest-xdist's workers: a file each, page by page in the browser, and both kinds at the same time.

Tests of a file share its fixtures, some of which take a minute to make, so one worker runs them all. Tests of a page or
of a command share nothing and take longest: any worker takes the next one. Pages use the processor, most other tests
wait: so some workers begin with pages, and the others with all else.

pytest-xdist's own groups are no help: xdist 3.8 writes them where pytest 9.2 no longer reads, and says nothing.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]
from xdist.workermanage import WorkerController  # type: ignore[import-untyped]

from tests.patience import VARIABLE

PAGES = "tests/browser/"
COMMANDS = "tests/test_commands.py"
SHARED = ("firefox", "lab_model", "room_networks", "room_reload", "room_screens", "through")
TOGETHER = frozenset(f"{PAGES}test_{name}.py" for name in SHARED)
"""Files of browser tests that share a server of their own."""
FIRST = (
    "tests/demos/proxies/test_passages.py",
    "tests/demos/probe/test_cli.py",
    "tests/demos/probe/test_faulty_paths.py",
    "tests/demos/probe/test_named_servers.py",
    "tests/demos/replicas/test_lost_replica.py",
    "tests/guide/starter/test_programs.py",
    "tests/demos/lab/test_no_process_left.py",
    "tests/test_replicas.py",
    "tests/test_soak.py",
    "tests/demos/scenarios/test_replica.py",
    "tests/demos/sdk/test_javascript.py",
    "tests/demos/sdk/test_python.py",
    "tests/guide/record/exports/test_pdf.py",
    "tests/guide/record/exports/test_length.py",
    "tests/guide/starter/test_servers.py",
    "tests/demos/harness/test_browser_subject.py",
    "tests/demos/harness/test_cross_site_subject.py",
    "tests/demos/harness/test_stopping_subject.py",
    "tests/demos/scenarios/test_restart.py",
    "tests/guide/test_one_verdict.py",
    "tests/streamwise/test_one_verdict.py",
    "tests/demos/scenarios/test_tabs.py",
    "tests/test_deploy.py",
    "tests/test_docs.py",
    "tests/test_house.py",
    "tests/test_second_try.py",
    COMMANDS,
)
"""Files that take longest, or have a test that does. What begins last decides when all is over, and a quiet test waits
for all that is under way: then the others have nothing to do."""

QUIET = (
    f"{PAGES}test_clients.py::test_a_long_line_costs_the_fetch_client_what_its_length_says",
    f"{PAGES}test_room_interrupted.py::test_a_frozen_phone_is_level_at_once_and_left_out",
    f"{PAGES}test_room_reload.py",
    f"{PAGES}test_stop.py",
    f"{PAGES}test_wire.py::test_no_long_task_that_an_idle_page_has_not",
    "tests/demos/crowd/test_crowd.py",
    "tests/demos/crowd/test_lateness.py",
    "tests/guide/starter/test_event_streams.py",
    "tests/guide/watch/test_comparison.py",
    "tests/streamwise/test_streams_go_on.py",
    "tests/test_calls_nobody.py",
)
"""Files with tests that run while no other does, or few, and of pages such tests. They come last: all wait for each."""


MANY, FEW, SLOW = 5, 3, 1.5
"""Workers on the machine that the suite was made on, and on one that is slower than by SLOW: there, five starve."""


def chosen(slowness: float) -> int:
    """How many workers share the tests. On a slow machine all of them stretch their bounds by as much."""
    if slowness <= SLOW:
        return MANY  # more than cores, since many tests wait for something
    os.environ.setdefault(VARIABLE, f"{slowness:.2f}")
    print(f"This machine takes {slowness:.1f} times as long as the reference: {FEW} workers")
    return FEW


def unit(test: str) -> str:
    """Name of the tests that one worker runs together with this one: its file, or itself alone. `test`: a node id."""
    file = test.partition("::")[0]
    alone = (file.startswith(PAGES) and file not in TOGETHER) or file == COMMANDS
    return test if alone else file


def is_page(named: str) -> bool:
    """Whether a unit's tests need a browser."""
    return named.startswith(PAGES)


class Sharing(LoadScopeScheduling):  # type: ignore[misc]
    """Hands units of tests to workers. A worker that has had a page gets only pages after it: Playwright keeps an event
    loop running in it, in which other tests cannot start theirs."""

    def __init__(self, config: pytest.Config, log: Any, pages: int) -> None:
        """`pages`: number of workers that begin with pages."""
        super().__init__(config, log)
        self._pages = pages
        self._begin_with_pages: set[WorkerController] = set()
        self._had_a_page: set[WorkerController] = set()
        self._idle: set[WorkerController] = set()

    def add_node(self, node: WorkerController) -> None:
        super().add_node(node)
        if len(self._begin_with_pages) < self._pages:
            self._begin_with_pages.add(node)

    def _split_scope(self, nodeid: str) -> str:
        return unit(nodeid)

    def _next(self, node: WorkerController) -> str | None:
        """Name of the unit that a worker should take now; None where nothing is left that it can or should take."""
        page = min(filter(is_page, self.workqueue), key=_is_quiet, default=None)
        other = min((named for named in self.workqueue if not is_page(named)), key=_turn, default=None)
        if node in self._had_a_page:
            # While a calm test goes on no other begins, and the workers that have these would do nothing.
            waits = page is not None and _is_quiet(page) and other is not None and not _is_quiet(other)
            return None if waits and not self._is_last_without_a_page(node) else page
        if other is not None and self._is_last_without_a_page(node):  # nobody else can take what is left
            waits = _is_quiet(other) and page is not None and not _is_quiet(page) and self._has_others(node)
            return None if waits else other
        wanted = (page, other) if node in self._begin_with_pages else (other, page)
        return min((named for named in wanted if named is not None), key=_is_quiet, default=None)

    def _is_last_without_a_page(self, node: WorkerController) -> bool:
        return all(one is node or one in self._had_a_page or one.shutting_down for one in self.nodes)

    def _has_others(self, node: WorkerController) -> bool:
        return any(one is not node and not one.shutting_down for one in self.nodes)

    def mark_test_complete(self, node: WorkerController, item_index: int, duration: float = 0) -> None:
        super().mark_test_complete(node, item_index, duration)
        idle, self._idle = self._idle, set()
        for one in idle & {*self.nodes}:
            self._reschedule(one)
            self._reschedule(one)  # a worker begins a test when it knows what comes after it

    def _assign_work_unit(self, node: WorkerController) -> None:
        named = self._next(node)
        if named is None and any(is_page(left) == (node in self._had_a_page) for left in self.workqueue):
            self._idle.add(node)  # until what is left for it is due
            return
        if named is None:
            node.shutdown()
            return
        if is_page(named):
            self._had_a_page.add(node)
        self.workqueue.move_to_end(named, last=False)
        super()._assign_work_unit(node)


def _is_quiet(named: str) -> bool:
    return named.partition("::")[0] in QUIET or named.partition("[")[0] in QUIET


def _turn(named: str) -> tuple[bool, int]:
    file = named.partition("::")[0]
    return _is_quiet(named), FIRST.index(file) if file in FIRST else len(FIRST)
