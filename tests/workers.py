"""Shares tests among pytest-xdist's workers: a file each, page by page in the browser, and both kinds at the same time.

Tests of a file share its fixtures, some of which take a minute to make, so one worker runs them all. Tests of a page or
of a command share nothing and take longest: any worker takes the next one. Pages use the processor, most other tests
wait: so some workers begin with pages, and the others with all else.

pytest-xdist's own groups are no help: xdist 3.8 writes them where pytest 9.2 no longer reads, and says nothing.
"""

from __future__ import annotations

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]
from xdist.workermanage import WorkerController  # type: ignore[import-untyped]

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
)
"""Files that wait longest. What begins last decides when all is over."""

QUIET = (
    f"{PAGES}test_clients.py",
    f"{PAGES}test_room_interrupted.py",
    f"{PAGES}test_room_reload.py",
    f"{PAGES}test_stop.py",
    f"{PAGES}test_wire.py",
    "tests/demos/crowd/test_crowd.py",
    "tests/demos/crowd/test_lateness.py",
    "tests/guide/starter/test_event_streams.py",
    "tests/guide/watch/test_comparison.py",
    "tests/streamwise/test_streams_go_on.py",
    "tests/test_calls_nobody.py",
)
"""Files with tests that run while no other does, or one other. They come last, or all workers would wait for each."""


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

    def add_node(self, node: WorkerController) -> None:
        super().add_node(node)
        if len(self._begin_with_pages) < self._pages:
            self._begin_with_pages.add(node)

    def _split_scope(self, nodeid: str) -> str:
        return unit(nodeid)

    def _next(self, node: WorkerController) -> str | None:
        """Name of the unit that a worker should take now; None where nothing is left that it can take."""
        page = min(filter(is_page, self.workqueue), key=_is_quiet, default=None)
        other = min((named for named in self.workqueue if not is_page(named)), key=_turn, default=None)
        if node in self._had_a_page:
            return page
        wanted = (page, other) if node in self._begin_with_pages else (other, page)
        return min((named for named in wanted if named is not None), key=_is_quiet, default=None)

    def _assign_work_unit(self, node: WorkerController) -> None:
        named = self._next(node)
        if named is None:
            node.shutdown()
            return
        if is_page(named):
            self._had_a_page.add(node)
        self.workqueue.move_to_end(named, last=False)
        super()._assign_work_unit(node)


def _is_quiet(named: str) -> bool:
    return named.partition("::")[0] in QUIET


def _turn(named: str) -> tuple[bool, int]:
    return _is_quiet(named), FIRST.index(named) if named in FIRST else len(FIRST)
