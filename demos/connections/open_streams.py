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

from demos.connections.heartbeats import Heartbeats
from demos.limits import Limits
from demos.protocol.errors import Refusal
from demos.threads.counters import Counters
from demos.threads.shares import Share, count_down

Transport = Literal["sse", "websocket"]


class CutReason(StrEnum):
    """Why an open stream ended before its regular end."""

    GONE = "gone"
    """The client left."""
    CLEAN = "clean"
    """An ended response; close code 1012."""
    RESET = "reset"
    """The connection is reset, in the middle of whatever was being sent."""
    SHUTDOWN = "shutdown"
    """The process is going down. Unfinished streams are aborted: a clean end would read as a finished answer."""
    SLOW = "slow"
    """The client does not read what is written to it, or its path is blocked. The server does not wait."""


@dataclass(frozen=True)
class Peer:
    """What the server can observe of the client on a connection."""

    held: Callable[[], int] = lambda: 0
    """Returns the bytes in this process's write buffer, which the system does not accept yet."""
    lost: Callable[[], bool] = lambda: False
    """Returns whether the connection is closing or lost."""


@dataclass(eq=False, slots=True)
class OpenStream:
    """One open stream. To cut it, `cut` cancels the task that serves it; `cut_by` holds the reason."""

    transport: Transport
    client: str
    thread_id: str
    task: asyncio.Task[object]
    peer: Peer = Peer()
    cut_by: CutReason | None = None
    muted: bool = False
    """Write nothing more, without notice to the client, as if the path had gone silent."""
    wrote: Callable[[int], None] | None = None
    """Called with the number of tokens of each write, where somebody counts them."""
    _writes: int = 0
    _since: float = field(default_factory=time.monotonic)

    def cut(self, how: CutReason) -> None:
        """End the stream. Only the first cut has an effect."""
        if self.cut_by is None:
            self.cut_by = how
            self.task.cancel()

    def mark_client_gone(self) -> None:
        """Record that the stream ended because its client left."""
        self.cut_by = self.cut_by or CutReason.GONE

    async def write(self, writing: Awaitable[None]) -> None:
        """Write to the client. All pending writes share one timer, since all wait for the client to read."""
        if self.muted:
            _unwritten(writing)
            await asyncio.Event().wait()  # until the client leaves, or the stream is cut
        if self.peer.lost():
            try:
                await asyncio.sleep(0)  # let the task that handles the loss run first: the write itself may not wait
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
        """Seconds since the last write."""
        return time.monotonic() - self._since

    def stuck_s(self, now: float) -> float:
        """Seconds without progress of the pending writes; 0 if there are none."""
        return now - self._since if self._writes else 0.0


class OpenStreams:
    """All open streams of this process."""

    def __init__(
        self,
        limits: Limits,
        left: Callable[[str], None] = lambda thread_id: None,
        counters: Counters | None = None,
    ) -> None:
        """`left`: called with the thread id when the last stream of a thread closes."""
        self.when_opened: Callable[[OpenStream], None] = lambda stream: None
        """Called with every stream that opens; the lab sets it to inject faults."""
        self.counters = counters or Counters()
        self.limits = limits
        self._left = left
        self._open: set[OpenStream] = set()
        self._share = Share(limits, "streams", "open streams", retry_s=10)
        self.heartbeats = Heartbeats(limits)
        self._per_thread: Counter[str] = Counter()
        self.shutting_down = False

    def __len__(self) -> int:
        return len(self._open)

    @property
    def drops(self) -> Counter[str]:
        """How many streams ended for each reason: those of `CutReason`, and refused, finished (regular end), failed."""
        found: Counter[str] = Counter()
        for (_, reason), count in list(self.counters.closed.items()):
            found[reason] += count
        found.update({"refused": total} if (total := self.counters.refused.total()) else {})
        return found

    @contextmanager
    def open(self, transport: Transport, client: str, thread_id: str = "", peer: Peer = Peer()) -> Iterator[OpenStream]:
        """Register the current task as a stream. Exits without an error if the stream was cut; see `OpenStream.cut_by`.

        Raises:
            Refusal: the limit of this client or of this process is reached; or the process is shutting down.
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
        self._per_thread[thread_id] += 1
        self.when_opened(stream)
        otherwise = "failed"
        try:
            yield stream
            otherwise = "finished"
        except asyncio.CancelledError:
            if stream.cut_by is None:
                stream.cut_by = CutReason.SHUTDOWN  # cancelled from outside: the process is shutting down
                raise
            task.uncancel()
        except Refusal:
            otherwise = "refused"
            raise
        finally:
            self._open.discard(stream)
            self.counters.closed[transport, stream.cut_by or otherwise] += 1
            self._share.give_back(client)
            count_down(self._per_thread, thread_id)
            if thread_id not in self._per_thread and not self.shutting_down:
                self._left(thread_id)

    def _admit(self, client: str) -> None:
        if self.shutting_down:
            raise Refusal(503, "shutting_down", "The server is shutting down. Reconnect in a moment.")
        self._share.take(client)

    def open_by_transport(self) -> Counter[Transport]:
        """Number of open streams by transport."""
        return Counter(stream.transport for stream in self._open)

    def readers(self, thread_id: str) -> int:
        """Number of open streams of a thread."""
        return self._per_thread[thread_id]

    def of_thread(self, thread_id: str) -> list[OpenStream]:
        """The open streams of a thread."""
        return [stream for stream in self._open if stream.thread_id == thread_id]

    def of_client(self, client: str) -> int:
        """Number of open streams of this address, or of whatever stands in its place."""
        return self._share.of(client)

    def muted(self, thread_id: str) -> int:
        """Number of muted streams of a thread."""
        return sum(stream.muted for stream in self._open if stream.thread_id == thread_id)

    def drop(self, thread_id: str, how: CutReason) -> dict[Transport, int]:
        """Cut every stream of a thread; returns the number of cut streams by transport."""
        dropped: dict[Transport, int] = {"sse": 0, "websocket": 0}
        for stream in list(self._open):
            if stream.thread_id == thread_id and stream.cut_by is None:
                stream.cut(how)
                dropped[stream.transport] += 1
        return dropped

    def patrol(self, now: float | None = None) -> None:
        """Cut every stream whose client does not read what is written. Call this a few times per second."""
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
    """Close a write that is dropped, as Python warns about a coroutine that is never awaited."""
    if isinstance(writing, Coroutine):
        writing.close()
