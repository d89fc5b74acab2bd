"""Creates, finds and removes the threads of this process. Bounded, so that strangers cannot fill the memory."""

from __future__ import annotations

import functools
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from demos.limits import Limits
from demos.protocol.errors import invalid, unknown_thread
from demos.protocol.run_options import Settings
from demos.threads.callers import NOBODY, STRANGER, Caller
from demos.threads.counters import Counters
from demos.threads.event_log import EventLog
from demos.threads.runs import LoadAgent, Run, Thread
from demos.threads.shares import Share


class Threads:
    """All threads, the newest last."""

    def __init__(
        self,
        limits: Limits,
        agent: LoadAgent,
        readers: Callable[[str], int],
        coalesce_s: float = 0.0,
        counters: Counters | None = None,
    ) -> None:
        """`readers` returns the number of open streams of a thread; `coalesce_s` is the window for joining text."""
        self._limits = limits
        self._coalesce_s = coalesce_s
        self._counters = counters or Counters()
        self._agent = agent
        self._readers = readers
        self._share = Share(limits, "threads", "threads in use", retry_s=30)
        self._threads: dict[str, Thread] = {}
        self._answers = Share(limits, "runs", "runs that are being written", retry_s=5)
        """Answers outside any thread, which count as runs."""
        self.forgotten: list[str] = []
        """Agent ids of removed threads whose checkpoints the next sweep deletes."""
        self.made_room: list[tuple[str, str, int]] = []
        """Threads of several servers that made room here: id, agent id, newest position. Their engine forgets them."""

    def __iter__(self) -> Iterator[Thread]:
        return iter(list(self._threads.values()))

    def __len__(self) -> int:
        return len(self._threads)

    def get(self, thread_id: str) -> Thread:
        """Return a thread. Raises Refusal (404) if it does not exist."""
        if (found := self.find(thread_id)) is None:
            raise unknown_thread(thread_id)
        return found

    def find(self, thread_id: str) -> Thread | None:
        """The thread with this id, if there is one."""
        return self._threads.get(thread_id) or self._threads.get(normalised_id(thread_id))

    def has(self, thread_id: object) -> bool:
        """Whether there is a thread with this id."""
        return isinstance(thread_id, str) and self.find(thread_id) is not None

    def make(self, thread_id: str | None = None, client: str = NOBODY) -> Thread:
        """Return a new thread, or the one that already has this id (clients create ids themselves).

        `client`: the address that asks. A finished thread of its own makes room for a new one.

        Raises:
            Refusal: the id is not a UUID; or a limit is reached, and no thread may make room.
        """
        key = self.id_for(thread_id)
        if key in self._threads:
            return self._threads[key]
        self.admit(client)
        return self.keep(key, client)

    def id_for(self, thread_id: str | None) -> str:
        """The id of a thread, normalised; a new one for None. Raises Refusal if it is not a UUID."""
        return str(uuid.uuid4()) if thread_id is None else _uuid(thread_id)

    def keep(self, thread_id: str, client: str, log: EventLog | None = None) -> Thread:
        """Keep a new thread, for which `admit` made room. `log`: one that other replicas write too."""
        readers = functools.partial(self._readers, thread_id)
        thread = Thread(thread_id, self._limits, self._agent, self._coalesce_s, readers, self._counters, client, log)
        self._threads[thread_id] = thread
        return thread

    def admit_view(self) -> None:
        """Make room to know one more thread that other servers have: the idlest such one is known here no longer."""
        if len(self._threads) < self._limits.threads:
            return
        free = [thread for thread in self if thread.is_shared and self._idle(thread)]
        if free:
            self.drop(min(free, key=lambda thread: thread.touched))

    def drop(self, thread: Thread) -> None:
        """Know a thread no longer that other replicas have, or had."""
        if self._threads.pop(thread.id, None) is not None:
            thread.empty()

    def start(self, thread_id: str, question: str, settings: Settings, caller: Caller = STRANGER) -> tuple[Thread, Run]:
        """Start a run on a thread; creates the thread if needed.

        Raises:
            Refusal: too many runs are active; the thread has one already, or is another caller's.
        """
        self._admit(caller.address)
        thread = self.make(thread_id, caller.address)
        thread.check(caller)
        return thread, thread.start(question, settings, caller.address)

    def commanded(self, thread_id: str, caller: Caller) -> Thread:
        """Return a thread that this caller may command.

        Raises:
            Refusal: it does not exist, or is another caller's.
        """
        thread = self.get(thread_id)
        thread.check(caller)
        return thread

    def first_began(self, run: Run) -> float:
        """When the first run began that is kept here of whoever started this one, on the monotonic clock.

        A client that asks again after a lost connection reads two runs for one answer.
        """
        runs = (each for thread in self for each in thread.runs.values() if each.client == run.client)
        return min((each.began for each in runs), default=run.began)

    @contextmanager
    def answer(self, client: str = NOBODY) -> Iterator[None]:
        """Count an answer outside any thread as a run of this address, while the block lasts.

        Raises:
            Refusal: too many runs are being written.
        """
        self._admit(client)
        with self._answers.hold(client):
            yield

    @property
    def answers(self) -> int:
        """Number of active answers outside any thread."""
        return len(self._answers)

    @property
    def active(self) -> int:
        """Runs and answers that are being written."""
        return self._running().total() + len(self._answers)

    def _running(self) -> Counter[str]:
        return Counter(thread.run.client for thread in self if thread.run is not None and thread.run.active)

    def _admit(self, client: str) -> None:
        running = self._running()
        total = running.total() + len(self._answers)
        self._answers.admit(client, running[client] + self._answers.of(client), total)

    def reader_left(self, thread_id: str) -> None:
        """Handle the close of a thread's last stream."""
        if (thread := self._threads.get(thread_id)) is not None:
            thread.touched = time.monotonic()  # the client may reconnect soon
            if thread.run is not None:
                thread.run.start_grace_period()

    def sweep(self, now: float | None = None) -> None:
        """Remove threads that have been idle too long."""
        now = time.monotonic() if now is None else now
        for thread in self:
            if self._idle(thread) and now - thread.touched > self._limits.idle_seconds:
                self._forget(thread)

    def admit(self, client: str) -> None:
        """Make room for one more thread of this address: its own finished threads first, then those of who has most.

        A thread that is read, is written or waits for a human makes no room: somebody would lose an answer.

        Raises:
            Refusal: a limit is reached, and no thread may make room.
        """
        counts = Counter(thread.client for thread in self)
        has_share = counts[client] >= self._limits.client_threads
        if not has_share and len(self._threads) < self._limits.threads:
            return
        payers = [client] if has_share else [client, *(address for address, _ in counts.most_common())]
        for payer in payers:
            free = [thread for thread in self if thread.client == payer and thread.is_done and self._idle(thread)]
            if free:
                idlest = min(free, key=lambda thread: thread.touched)
                if idlest.is_shared and not idlest.readers_elsewhere:
                    self.made_room.append((idlest.id, idlest.memory, idlest.log.last))
                return self._forget(idlest)
        self._share.admit(client, counts[client], len(self._threads))

    def _idle(self, thread: Thread) -> bool:
        """Whether the thread has no active run and no open stream, and nobody counts by it."""
        return not thread.is_pinned and not self._readers(thread.id) and not (thread.run and thread.run.active)

    def _forget(self, thread: Thread) -> None:
        if thread.is_shared:
            return self.drop(thread)  # the engine has it, for as long as anybody reads or writes it
        del self._threads[thread.id]
        if thread.run is not None and not thread.run.ended:
            thread.run.stop("cancelled: the thread was forgotten")  # it waited for a human; no answer can come now
        thread.empty()
        self.forgotten.append(thread.memory)

    def state(self, thread_id: str) -> dict[str, Any]:
        """Return the thread's state, for clients that join late; empty, without an error, before the first run."""
        thread = self.get(thread_id)
        asked = [
            {"id": key, "interrupts": [{"id": key, "value": draft.data["value"]}]}
            for key, draft in thread.pending.items()
        ]
        return {
            "values": thread.values,
            # Empty only after the end: clients treat a state without a next node as the final one.
            "next": list(thread.run.next) if thread.run else [],
            "tasks": asked,
            "metadata": {"run_id": thread.run.id if thread.run else None, "last_seq": thread.tell(thread.log.last)},
            "created_at": None,
            "checkpoint": {"thread_id": thread.id, "checkpoint_ns": "", "checkpoint_id": None},
            "parent_checkpoint": None,
            "status": thread.status,
        }


def normalised_id(thread_id: str) -> str:
    """Normalise a thread id: clients may write the same UUID in capitals. Other text stays unchanged."""
    try:
        return str(uuid.UUID(thread_id))
    except ValueError:
        return thread_id


def _uuid(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except (ValueError, AttributeError, TypeError):
        raise invalid(f"The thread id {text!r:.60} is not a UUID.") from None
