"""Registry of all open event streams, to count, refuse or cut them."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from demos.limits import Limits
from demos.protocol.errors import Refusal
from demos.threads.counters import Counters

Transport = Literal["sse", "websocket"]


class CutReason(StrEnum):
    """How an open stream is ended by something other than its own last word."""

    GONE = "gone"
    """The client left."""
    CLEAN = "clean"
    """An ended response; close code 1012."""
    RESET = "reset"
    """The connection is reset, in the middle of whatever was being sent."""
    SHUTDOWN = "shutdown"
    """The process is going down. Unfinished streams are aborted: a clean end would read as a finished answer."""
    SLOW = "slow"
    """The client does not take what is written. It may be frozen, or its path is: it is not waited for."""


@dataclass(frozen=True)
class Peer:
    """What can be seen of the client at the other end of a connection."""

    held: Callable[[], int] = lambda: 0
    """Bytes that wait in this process because the system takes no more."""
    lost: Callable[[], bool] = lambda: False
    """Whether the connection is closing or lost."""


@dataclass(eq=False, slots=True)
class OpenStream:
    """One open stream. The task that serves it is cancelled to cut it; it then finds out here why."""

    transport: Transport
    client: str
    thread_id: str
    task: asyncio.Task[object]
    peer: Peer = Peer()
    cut_by: CutReason | None = None
    muted: bool = False
    """Nothing more is to be written, and nobody is told: the path has gone silent, as far as the client can see."""
    _writes: int = 0
    _since: float = field(default_factory=time.monotonic)

    def cut(self, how: CutReason) -> None:
        """End the stream. The first cut counts."""
        if self.cut_by is None:
            self.cut_by = how
            self.task.cancel()

    def mark_client_gone(self) -> None:
        """The stream ended by itself, as its client left."""
        self.cut_by = self.cut_by or CutReason.GONE

    async def write(self, writing: Awaitable[None]) -> None:
        """Write to the client. However many writes wait at once, they wait for the same thing: that it reads."""
        if self.muted:
            _unwritten(writing)
            await asyncio.Event().wait()  # until the client leaves, or the stream is cut
        if self.peer.lost():
            try:
                await asyncio.sleep(0)  # a write need not wait for anything; whoever is to be told of the loss does
            except asyncio.CancelledError:
                _unwritten(writing)
                raise
        if not self._writes:
            self._since = time.monotonic()
        self._writes += 1
        try:
            await writing
        finally:
            self._writes -= 1
            self._since = time.monotonic()

    def quiet(self) -> float:
        """For how many seconds nothing was written."""
        return time.monotonic() - self._since

    def stuck_s(self, now: float) -> float:
        """For how many seconds nothing of what waits to be written got through; 0 if nothing waits."""
        return now - self._since if self._writes else 0.0


class OpenStreams:
    """All open streams of this process."""

    def __init__(
        self,
        limits: Limits,
        left: Callable[[str], None] = lambda thread_id: None,
        counters: Counters | None = None,
    ) -> None:
        """`left` is told when the last stream of a thread is closed."""
        self.when_opened: Callable[[OpenStream], None] = lambda stream: None
        """Told of every stream that is opened; the lab puts its faults there."""
        self.counters = counters or Counters()
        self.limits = limits
        self._left = left
        self._open: set[OpenStream] = set()
        self._per_client: Counter[str] = Counter()
        self._per_thread: Counter[str] = Counter()
        self.shutting_down = False

    def __len__(self) -> int:
        return len(self._open)

    @property
    def drops(self) -> Counter[str]:
        """How streams ended, over all: the words of `Cut`; refused, finished (its own last word), failed."""
        found: Counter[str] = Counter()
        for (_, reason), count in list(self.counters.closed.items()):
            found[reason] += count
        found.update({"refused": total} if (total := self.counters.refused.total()) else {})
        return found

    @contextmanager
    def open(self, transport: Transport, client: str, thread_id: str = "", peer: Peer = Peer()) -> Iterator[OpenStream]:
        """Admit the current task as a stream. Leaves quietly when the stream was cut; see `Line.cut_by`.

        Raises:
            Refusal: one stream too many, for this client or for this process; or the process is going down.
        """
        try:
            self._admit(client)
        except Refusal as refusal:
            self.counters.refused[transport, refusal.code] += 1
            raise
        task = asyncio.current_task()
        assert task is not None
        stream = OpenStream(transport, client, thread_id, task, peer)
        self._open.add(stream)
        self.counters.opened[transport] += 1
        self._per_client[client] += 1
        self._per_thread[thread_id] += 1
        self.when_opened(stream)
        otherwise = "failed"
        try:
            yield stream
            otherwise = "finished"
        except asyncio.CancelledError:
            if stream.cut_by is None:
                stream.cut_by = CutReason.SHUTDOWN  # by whoever runs this process
                raise
            task.uncancel()
        except Refusal:
            otherwise = "refused"
            raise
        finally:
            self._open.discard(stream)
            self.counters.closed[transport, stream.cut_by or otherwise] += 1
            _less(self._per_client, client)
            _less(self._per_thread, thread_id)
            if thread_id not in self._per_thread and not self.shutting_down:
                self._left(thread_id)

    def _admit(self, client: str) -> None:
        if self.shutting_down:
            raise Refusal(503, "shutting_down", "The server is shutting down. Reconnect in a moment.")
        if len(self._open) >= self.limits.streams:
            raise Refusal(
                503, "too_many_streams", f"{self.limits.streams} streams are open, the limit here. Try again shortly."
            )
        if self._per_client[client] >= self.limits.client_streams:
            limit = self.limits.client_streams
            raise Refusal(
                429, "too_many_streams", f"Your address has {limit} streams open, the limit here. Close one first."
            )

    def open_by_transport(self) -> Counter[Transport]:
        """How many streams are open over each."""
        return Counter(stream.transport for stream in self._open)

    def readers(self, thread_id: str) -> int:
        """How many streams a thread has open."""
        return self._per_thread[thread_id]

    def muted(self, thread_id: str) -> int:
        """How many of them have gone silent."""
        return sum(stream.muted for stream in self._open if stream.thread_id == thread_id)

    def drop(self, thread_id: str, how: CutReason) -> dict[Transport, int]:
        """Cut every stream of a thread now; how many, by transport."""
        dropped: dict[Transport, int] = {"sse": 0, "websocket": 0}
        for stream in list(self._open):
            if stream.thread_id == thread_id and stream.cut_by is None:
                stream.cut(how)
                dropped[stream.transport] += 1
        return dropped

    def patrol(self, now: float | None = None) -> None:
        """Cut every stream whose client does not take what is written to it. To be called a few times a second."""
        now = time.monotonic() if now is None else now
        for stream in list(self._open):
            if stream.stuck_s(now) > self.limits.write_seconds or stream.peer.held() > self.limits.held_bytes:
                stream.cut(CutReason.SLOW)

    def shut_down(self) -> None:
        """Abort every stream and admit no more. Safe to call twice."""
        self.shutting_down = True
        for stream in list(self._open):
            stream.cut(CutReason.SHUTDOWN)


def _unwritten(writing: Awaitable[None]) -> None:
    """Let go of what will not be written: Python warns of a coroutine that nobody awaits."""
    if isinstance(writing, Coroutine):
        writing.close()


def _less(counter: Counter[str], key: str) -> None:
    """One less; a count of nothing is not kept."""
    counter[key] -= 1
    if not counter[key]:
        del counter[key]
