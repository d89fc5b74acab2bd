"""Event log of a thread that several replicas share: what is appended is shown once the engine has it.

    run --append--> [ waiting ] --group commit--> engine --> [ view ] --since--> readers
Whoever does not own the thread only fills its view, from the engine. Notes go the same way, and are never shown.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence

from demos.limits import Limits
from demos.protocol.events import Draft, Event, Note
from demos.replicas.store.engine import unavailable
from demos.replicas.store.entries import PLACES, START, Entry, Place
from demos.threads.event_log import MemoryLog

BATCH = 200
"""Entries of one thread that are stored in one step."""
BATCH_BYTES = 1_000_000
COMMIT_S = 3.0
"""How long a command waits for its effect to be stored."""


class SharedLog:
    """An `EventLog` (`demos.threads.event_log`). `last`, `since` and `wait` know what the engine has, and no more."""

    def __init__(self, thread: str, limits: Limits, epoch: str, queue: Callable[[SharedLog], None]) -> None:
        """`queue` is called when something waits to be stored."""
        self.thread = thread
        self.lock = asyncio.Lock()
        """Held while the owner changes, and while a command is carried out."""
        self.fence = 0
        """Of this replica's claim; 0: it does not own the thread."""
        self.place: Place = START
        """Of the newest entry here."""
        self.waiting: deque[Entry] = deque()
        self.waiting_bytes = 0
        self.notes: list[Entry] = []
        """Stored notes since the newest run began, for an engine that has lost its data."""
        self.is_reloading = False
        """Whether all of it is being taken in anew."""
        self.has_hold = False
        """Whether the engine knows that the thread's key was used."""
        self._view = MemoryLog(limits.thread_events, limits.thread_bytes, epoch)
        self._queue = queue
        self._numbered = START
        self._waiters: list[tuple[Place, asyncio.Future[None]]] = []

    @property
    def epoch(self) -> str:
        return self._view.epoch

    @property
    def last(self) -> int:
        return self._view.last

    @property
    def oldest(self) -> int:
        return self._view.oldest

    @property
    def trimmed(self) -> int:
        """The oldest number that the engine shall keep; 0: all that it has."""
        return self.oldest if self.oldest > 1 else 0

    @property
    def events(self) -> int:
        return self._view.events

    @property
    def bytes(self) -> int:
        return self._view.bytes

    def since(self, seq: int, limit: int = 256) -> Sequence[Event]:
        return self._view.since(seq, limit)

    async def wait(self, seq: int) -> None:
        await self._view.wait(seq)

    def lose(self) -> None:
        """The engine has lost this log, and nobody gave it again."""
        self.disown()
        self._view.lose(
            "The servers here have lost this thread: their engine has begun anew, and no server can give it back. "
            "Make a new thread."
        )

    def own(self, fence: int) -> None:
        """Write from now on, behind all that is in the engine."""
        self.fence, self._numbered = fence, self.place

    def disown(self) -> None:
        """Write no more. What waits is dropped: another replica goes on."""
        self.fence = 0
        self.waiting.clear()
        self.waiting_bytes = 0
        for _, waiter in self._waiters:
            if not waiter.done():
                waiter.set_exception(unavailable())
        self._waiters.clear()

    def append(self, draft: Draft) -> Event:
        """Number and queue an event. Whoever no longer owns the thread writes into the void until it is told."""
        seq = self._numbered[0] + 1
        event = Event.number(draft, seq, self.epoch, time.time_ns() // 1_000_000)
        self._add(Entry((seq, self.fence * PLACES), event, draft.note))
        return event

    def note(self, note: Note) -> None:
        if "held" in note:
            return  # kept beside the log: whoever uses the key need not be the owner
        seq, place = self._numbered
        self._add(Entry((seq, max(place, self.fence * PLACES) + 1), None, note))

    def _add(self, entry: Entry) -> None:
        if not self.fence:
            return
        self._numbered = entry.place
        self.waiting.append(entry)
        self.waiting_bytes += entry.size
        self._queue(self)

    async def committed(self) -> None:
        """Wait until all that was appended is stored.

        Raises:
            Refusal: it takes too long, or another replica owns the thread now.
        """
        if self.place >= self._numbered or not self.fence:
            return
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append((self._numbered, waiter))
        try:
            async with asyncio.timeout(COMMIT_S):
                await waiter
        except TimeoutError:
            raise unavailable() from None

    def batch(self) -> list[Entry]:
        """What is to be stored next, oldest first."""
        found, size = list[Entry](), 0
        for entry in self.waiting:
            if len(found) == BATCH or (found and size + entry.size > BATCH_BYTES):
                break
            found.append(entry)
            size += entry.size
        return found

    def stored(self, entries: Iterable[Entry]) -> None:
        """Show what the engine has taken: the oldest of what waits."""
        for entry in entries:
            if not self.waiting or self.waiting[0] is not entry:
                return  # disowned meanwhile
            self.waiting_bytes -= self.waiting.popleft().size
            self.accept(entry)
        due = [waiter for place, waiter in self._waiters if place <= self.place]
        self._waiters = [(place, waiter) for place, waiter in self._waiters if place > self.place]
        for waiter in due:
            if not waiter.done():
                waiter.set_result(None)

    def accept(self, entry: Entry) -> bool:
        """Take an entry of the engine into the view. False: it is there."""
        if entry.place <= self.place:
            return False
        self.place = entry.place
        if entry.event is None:
            self.notes.append(entry)
            return True
        if entry.note is not None and "run" in entry.note:
            self.notes.clear()
        self._view.store(entry.event)
        return True

    def kept(self, after: Place) -> list[Entry]:
        """All entries here behind a place, stored or not: what an engine without its data is given again."""
        events = self._view.since(max(after[0], self.oldest - 1), self._view.events)
        found = [Entry((event.seq, 0), event, event.draft.note) for event in events]
        return [one for one in sorted([*found, *self.notes], key=lambda one: one.place) if one.place > after]
