"""Event log of a thread: one writer appends, any number of readers keep a cursor. Stored in memory.

    run --append--> [ 7 | 8 | 9 | 10 ] --since(8)--> 9, 10
                      ^ oldest      ^ last
Readers need no memory in the log and cannot slow the writer. A position that the log cannot serve raises Gap.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Protocol

from demos.protocol.events import Draft, Event, Note

EPOCH_BYTES = 4
"""Random bytes of a log's name, which is part of every event's id."""

CROWD = 32
"""From this many waiting readers on, wake-ups are batched."""
GATHER_S = 0.005


class Gap(LookupError):
    """The requested position is not in the log: evicted, or ahead of it (from before a server restart)."""

    def __init__(self, asked: int, oldest: int, last: int) -> None:
        self.asked, self.oldest, self.last = asked, oldest, last
        self.ahead = asked > last
        why = "it has not been written here (was the server restarted?)" if self.ahead else "older events were evicted"
        holds = f"holds {oldest} to {last}" if last else "is empty"
        super().__init__(f"Nothing can follow position {asked}: {why}. The log {holds}.")


class Lost(LookupError):
    """The log is gone: nothing comes any more, and what was there cannot be read again."""


class EventLog(Protocol):
    """Interface of a log: runs append to it, streams read from it."""

    @property
    def epoch(self) -> str:
        """Name of the log: a thread that is made again, here or after a restart, has another one."""

    @property
    def last(self) -> int:
        """The newest sequence number; 0 before the first event."""

    @property
    def oldest(self) -> int:
        """The first sequence number still kept; one after `last` if there is none."""

    @property
    def events(self) -> int:
        """Number of stored events."""

    @property
    def bytes(self) -> int:
        """Size of the stored events as encoded JSON."""

    def append(self, draft: Draft) -> Event:
        """Number, encode and store an event."""

    def note(self, note: Note) -> None:
        """Keep, behind the newest event, what no client is told; in memory there is nobody else to know it."""

    async def committed(self) -> None:
        """Wait until all that was appended and noted is stored where it outlives this process; if it never does."""

    def since(self, seq: int, limit: int = 256) -> Sequence[Event]:
        """Up to `limit` events after `seq`, oldest first.

        Raises:
            Gap: `seq` is evicted, or ahead of the log.
            Lost: the log is gone.
        """

    async def wait(self, seq: int) -> None:
        """Wait until there is an event after `seq`, or the log is gone."""


def _milliseconds() -> int:
    return time.time_ns() // 1_000_000


class MemoryLog:
    """An `EventLog` in this process' memory, bounded in events and in bytes."""

    def __init__(
        self, max_events: int, max_bytes: int, epoch: str = "", clock: Callable[[], int] = _milliseconds
    ) -> None:
        """`epoch`: the log's name; a new one unless given."""
        self._max_events, self._max_bytes = max_events, max_bytes
        self._epoch, self._clock = epoch or secrets.token_hex(EPOCH_BYTES), clock
        self._events: deque[Event] = deque()
        self._bytes = 0
        self._last = 0
        self._lost = ""
        self._waiting: set[asyncio.Future[None]] = set()
        self._woken_at = 0.0
        self._alarm: asyncio.TimerHandle | None = None

    @property
    def epoch(self) -> str:
        return self._epoch

    @property
    def last(self) -> int:
        return self._last

    @property
    def oldest(self) -> int:
        return self._last - len(self._events) + 1

    @property
    def events(self) -> int:
        return len(self._events)

    @property
    def bytes(self) -> int:
        return self._bytes

    def append(self, draft: Draft) -> Event:
        event = Event.number(draft, self._last + 1, self._epoch, self._clock())
        self.store(event)
        return event

    def store(self, event: Event) -> None:
        """Store an event that has its number, and wake the readers."""
        if (
            event.seq != self._last + 1
        ):  # what lies between is lost, so what came before is no part of this log any more
            self._events.clear()
            self._bytes = 0
        self._last = event.seq
        self._events.append(event)
        self._bytes += event.size
        # Always keep the newest event, or even fast readers would see a gap.
        while len(self._events) > 1 and (len(self._events) > self._max_events or self._bytes > self._max_bytes):
            self._bytes -= self._events.popleft().size
        if self._waiting:
            self._wake()

    def note(self, note: Note) -> None:
        return None

    async def committed(self) -> None:
        return None

    def lose(self, why: str) -> None:
        """Tell all readers that the log is gone."""
        self._lost = why
        self._ring()

    def since(self, seq: int, limit: int = 256) -> Sequence[Event]:
        if self._lost:
            raise Lost(self._lost)
        if seq > self._last or seq < self.oldest - 1:
            raise Gap(seq, self.oldest, self._last)
        start = seq - self.oldest + 1
        if start * 2 < len(self._events):
            return list(islice(self._events, start, start + limit))
        # Start from the nearer end of the deque: readers near the newest event must not walk through the whole log.
        tail = list(islice(reversed(self._events), len(self._events) - start))
        return tail[::-1][:limit]

    async def wait(self, seq: int) -> None:
        while self._last <= seq and not self._lost:
            waiting = asyncio.get_running_loop().create_future()
            self._waiting.add(waiting)
            try:
                await waiting
            finally:
                self._waiting.discard(waiting)

    def _wake(self) -> None:
        """Wake all waiting readers: at once if they are few or the last wake-up is long ago, else together soon.

        A wake-up costs a reader more time than an event. So a large group is not woken for `GATHER_S` after its last
        wake-up, and still gets the first event after a pause without delay.
        """
        loop = asyncio.get_running_loop()
        due = self._woken_at + GATHER_S
        if len(self._waiting) < CROWD or loop.time() >= due:
            self._ring()
        elif self._alarm is None:
            self._alarm = loop.call_at(due, self._ring)

    def _ring(self) -> None:
        self._woken()
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)
        self._waiting.clear()
        # Set the time again after the last reader: to wake 500 of them takes longer than the pause itself.
        asyncio.get_running_loop().call_soon(self._woken)

    def _woken(self) -> None:
        self._woken_at = asyncio.get_running_loop().time()
