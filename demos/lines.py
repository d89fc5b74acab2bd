"""Every open event stream, so that it can be counted, refused or cut. Knows no transport but its name."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from demos.limits import Limits
from demos.refusal import Refusal

Transport = Literal["sse", "websocket"]


class Cut(StrEnum):
    """How an open stream is ended by something other than its own last word."""

    GONE = "gone"
    """The client left."""
    CLEAN = "clean"
    """An ended response; close code 1012."""
    RESET = "reset"
    """The connection is reset, in the middle of whatever was being sent."""
    SHUTDOWN = "shutdown"
    """The process is going down. Unfinished streams are aborted: a clean end would read as a finished answer."""


@dataclass(eq=False, slots=True)
class Line:
    """One open stream. The task that serves it is cancelled to cut it; it then finds out here why."""

    transport: Transport
    client: str
    thread_id: str
    task: asyncio.Task[object]
    cut_by: Cut | None = None

    def cut(self, how: Cut) -> None:
        """End the stream. The first cut counts."""
        if self.cut_by is None:
            self.cut_by = how
            self.task.cancel()


class Lines:
    """All open streams of this process."""

    def __init__(self, limits: Limits, left: Callable[[str], None] = lambda thread_id: None) -> None:
        """`left` is told when the last stream of a thread is closed."""
        self._limits = limits
        self._left = left
        self._open: set[Line] = set()
        self._per_client: Counter[str] = Counter()
        self._per_thread: Counter[str] = Counter()
        self.shutting_down = False

    def __len__(self) -> int:
        return len(self._open)

    @contextmanager
    def open(self, transport: Transport, client: str, thread_id: str = "") -> Iterator[Line]:
        """Admit the current task as a stream. Leaves quietly when the stream was cut; see `Line.cut_by`.

        Raises:
            Refusal: one stream too many, for this client or for this process; or the process is going down.
        """
        self._admit(client)
        task = asyncio.current_task()
        assert task is not None
        line = Line(transport, client, thread_id, task)
        self._open.add(line)
        self._per_client[client] += 1
        self._per_thread[thread_id] += 1
        try:
            yield line
        except asyncio.CancelledError:
            if line.cut_by is None:
                raise
            task.uncancel()
        finally:
            self._open.discard(line)
            _less(self._per_client, client)
            _less(self._per_thread, thread_id)
            if thread_id not in self._per_thread and not self.shutting_down:
                self._left(thread_id)

    def _admit(self, client: str) -> None:
        if self.shutting_down:
            raise Refusal(503, "shutting_down", "The server is shutting down. Reconnect in a moment.")
        if len(self._open) >= self._limits.streams:
            raise Refusal(
                503, "too_many_streams", f"{self._limits.streams} streams are open, the limit here. Try again shortly."
            )
        if self._per_client[client] >= self._limits.client_streams:
            limit = self._limits.client_streams
            raise Refusal(
                429, "too_many_streams", f"Your address has {limit} streams open, the limit here. Close one first."
            )

    def readers(self, thread_id: str) -> int:
        """How many streams a thread has open."""
        return self._per_thread[thread_id]

    def drop(self, thread_id: str, how: Cut) -> dict[Transport, int]:
        """Cut every stream of a thread now; how many, by transport."""
        dropped: dict[Transport, int] = {"sse": 0, "websocket": 0}
        for line in list(self._open):
            if line.thread_id == thread_id and line.cut_by is None:
                line.cut(how)
                dropped[line.transport] += 1
        return dropped

    def shut_down(self) -> None:
        """Abort every stream and admit no more. Safe to call twice."""
        self.shutting_down = True
        for line in list(self._open):
            line.cut(Cut.SHUTDOWN)


def _less(counter: Counter[str], key: str) -> None:
    """One less; a count of nothing is not kept."""
    counter[key] -= 1
    if not counter[key]:
        del counter[key]
