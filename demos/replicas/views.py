"""What this replica knows of shared threads: the fold of their entries, whoever wrote them."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Collection

from demos.limits import Limits
from demos.replicas import reports
from demos.replicas.contact import Contact
from demos.replicas.shared_log import SharedLog
from demos.replicas.store.engine import Engine, unavailable
from demos.replicas.store.entries import START, Entry, written_ms
from demos.threads.registry import Threads, normalised_id
from demos.threads.runs import Thread


class Views:
    """Finds, loads and refreshes threads."""

    def __init__(
        self,
        engine: Engine,
        threads: Threads,
        limits: Limits,
        queue: Callable[[SharedLog], None],
        alive: Callable[[], Collection[str]],
        contact: Contact,
    ) -> None:
        """`queue`: stores what a log waits with; `alive`: names of the replicas that gave a sign of life."""
        self._contact = contact
        self._engine, self._threads, self._limits = engine, threads, limits
        self._queue, self._alive = queue, alive

    def find(self, thread_id: str) -> tuple[Thread, SharedLog] | None:
        """A shared thread that is known here."""
        thread = self._threads.find(thread_id)
        return (thread, thread.log) if thread is not None and isinstance(thread.log, SharedLog) else None

    def is_local(self, thread_id: str) -> bool:
        """Whether this process alone has the thread, such as a workshop room's."""
        return self._threads.has(thread_id) and self.find(thread_id) is None

    def all(self) -> list[tuple[Thread, SharedLog]]:
        """Every shared thread that is known here."""
        return [(thread, thread.log) for thread in self._threads if isinstance(thread.log, SharedLog)]

    async def refresh(self, thread_id: str) -> tuple[Thread, SharedLog] | None:
        """Bring a thread up to date; None if the engine has none, or it belongs to this process alone."""
        key = normalised_id(thread_id)
        if self.is_local(key):
            return None
        known, told, mark = await self._engine.thread(key)
        found = self.find(key)
        if not known and self._contact.is_anew(mark):  # its owner may give it again
            raise unavailable()
        if found is not None and (not known or known["epoch"] != found[1].epoch):
            found[1].lose()
            self._threads.drop(found[0])
            found = None
        if not known:
            return None
        if found is None:
            self._threads.admit_view()
        thread, log = found or self.adopt(key, known)
        if not log.fence:
            for entry in await self._engine.entries(key, log.place):
                self.feed(log, entry)
        self._restore_run(thread, log, known)
        thread.is_held = thread.is_held or known.get("held") == "1"
        reports.learn(thread, told, self._engine.settings.name, self._alive())
        return thread, log

    def adopt(self, thread_id: str, known: dict[str, str]) -> tuple[Thread, SharedLog]:
        """Keep a thread here that the engine has."""
        log = SharedLog(thread_id, self._limits, known["epoch"], self._queue)
        thread = self._threads.keep(thread_id, known["client"], log)
        thread.key, thread.memory = known["key"], known["memory"]
        thread.least_grace_s = 2 * self._engine.settings.lease_ms / 1000
        return thread, log

    def feed(self, log: SharedLog, entry: Entry) -> None:
        """Take in an entry that another replica wrote."""
        found = self.find(log.thread)
        if found is None or found[1] is not log or log.fence or log.is_reloading:
            return
        if log.accept(entry):
            self.fold(found[0], entry)

    def fold(self, thread: Thread, entry: Entry) -> None:
        if entry.event is not None:
            passed_s = time.time() - written_ms(entry.event) / 1000 if entry.event.draft.method == "lifecycle" else 0.0
            thread.fold(entry.event, max(0.0, passed_s))
            thread.tell(entry.event.seq)
        elif entry.note is not None:
            thread.fold_note(entry.note, entry.place[0])

    def _restore_run(self, thread: Thread, log: SharedLog, known: dict[str, str]) -> None:
        """Know the newest run of a log that has lost its beginning."""
        if "run" not in known or (about := json.loads(known["run"]))["id"] in thread.runs:
            return
        thread.begin(about, about["base"])
        for event in log.since(max(about["base"], log.oldest - 1), log.events):
            thread.fold(event)

    async def hold(self, thread: Thread, log: SharedLog) -> None:
        """Let the engine know that the thread's key was used."""
        if thread.is_held and not log.has_hold:
            await self._engine.hold(thread.id)
            log.has_hold = True

    async def make_room(self) -> None:
        """Let the engine forget the threads that made room for others here."""
        while self._threads.made_room:
            thread_id, memory, last = self._threads.made_room[0]
            _, told, _ = await self._engine.thread(thread_id)
            if not reports.readers(told, self._alive()):
                await self._engine.forget(thread_id, memory, last)
            del self._threads.made_room[0]

    async def reload(self, thread: Thread, log: SharedLog) -> None:
        """Forget what was thought to be written here, and know what was."""
        await asyncio.sleep(0)  # the run's task ends first
        async with log.lock:
            thread.restart()
            log.is_reloading, folded = True, START
            try:
                while entries := await self._engine.entries(log.thread, folded):
                    for entry in entries:
                        log.accept(entry)
                        self.fold(thread, entry)
                    folded = entries[-1].place
            finally:
                log.is_reloading = False
