"""Stores what the logs of this replica wait with: everything at once, and while that is under way the next gathers."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from demos.protocol.events import encode
from demos.replicas.contact import Contact
from demos.replicas.shared_log import SharedLog
from demos.replicas.store.engine import AWAY, Engine
from demos.replicas.store.entries import Entry, Place

AGAIN_S = 0.1
"""Pause before the engine is asked again that was away."""
STEP_S = 0.005
"""Steps begin this far apart at least: where many streams write, one step takes what several wrote meanwhile. That
saves a fifth of the processor time, for 2 to 3 ms more. A stream of 50 tokens a second waits at its beginning only."""
SHOWN_AT_ONCE = 64
"""Entries that are shown before readers get their turn: a large batch might else evict itself."""

logger = logging.getLogger(__name__)


class Writer:
    """One task stores for all threads. A batch that fails is sent again: what is there already changes nothing."""

    def __init__(
        self,
        engine: Engine,
        contact: Contact,
        stored: Callable[[SharedLog], None],
        fenced: Callable[[SharedLog], None],
        about: Callable[[SharedLog], dict[str, str] | None],
    ) -> None:
        """`stored`: called after entries of a log were stored; `fenced`: the log has another owner; `about`: what the
        engine holds of a thread beside its log, for one that has lost it; None: the thread is not known here.
        """
        self._engine, self._contact = engine, contact
        self._stored, self._fenced, self._about = stored, fenced, about
        self._logs: dict[str, SharedLog] = {}
        self._some = asyncio.Event()
        self._stepped = 0.0
        self.step: Callable[[], Awaitable[None]] | None = None
        """For tests: awaited between what the engine has taken and what is shown of it."""

    def queue(self, log: SharedLog) -> None:
        """Store what this log waits with, soon."""
        self._logs[log.thread] = log
        self._some.set()

    async def run(self) -> None:
        """Store until cancelled."""
        while True:
            await self._some.wait()
            if (early_s := self._stepped + STEP_S - time.monotonic()) > 0:
                await asyncio.sleep(early_s)
            self._some.clear()
            self._stepped = time.monotonic()
            try:
                if await self.store():
                    self._some.set()
            except AWAY:
                await asyncio.sleep(AGAIN_S)
                self._some.set()
            except Exception:  # or nothing would ever be stored again
                logger.exception("events could not be stored, and are tried again")
                await asyncio.sleep(AGAIN_S)
                self._some.set()

    async def store(self) -> bool:
        """Store what waits now, in one step; whether there is more."""
        logs = [log for log in self._logs.values() if log.waiting]
        if logs:
            await self._store([(log, log.batch()) for log in logs])
        self._logs = {thread: log for thread, log in self._logs.items() if log.waiting}
        return bool(self._logs)

    async def _store(self, batches: list[tuple[SharedLog, list[Entry]]]) -> None:
        sent = [(log.thread, log.fence, log.trimmed, _run(batch), batch) for log, batch in batches]
        answers = await self._engine.append(sent)
        if self.step is not None:
            await self.step()
        refused = [state for state, _ in answers if state.startswith("refused")]
        if not refused:
            self._contact.made()
        for (log, batch), (state, place) in zip(batches, answers, strict=True):
            await self._taken(log, batch, state, place)
        if refused:
            raise RuntimeError(refused[0])

    async def _taken(self, log: SharedLog, batch: list[Entry], state: str, place: Place) -> None:
        if state == "stored":
            for start in range(0, len(batch), SHOWN_AT_ONCE):
                if start:
                    await asyncio.sleep(0)
                log.stored(batch[start : start + SHOWN_AT_ONCE])
            self._stored(log)
        elif state == "fenced":
            self._fenced(log)
        elif state in ("gone", "behind"):
            await self._restore(log, state, place)

    async def _restore(self, log: SharedLog, state: str, place: Place) -> None:
        """Give the engine again what it has lost; what waits follows with the next batch."""
        if state == "gone":
            place = (log.oldest - 1, 0)
            if (about := self._about(log)) is None:
                return log.disown()  # this server has forgotten the thread too
            if not await self._engine.restore(log.thread, {**about, "seq": str(place[0]), "sub": "0"}):
                return self._fenced(log)
        entries = log.kept(place)
        logger.warning("the engine had lost events of thread %s; it is given %d again", log.thread, len(entries))
        for start in range(0, len(entries), 100):
            piece = entries[start : start + 100]
            [(again, _)] = await self._engine.append([(log.thread, log.fence, log.trimmed, _run(piece), piece)])
            if again != "stored":
                return self._fenced(log)


def _run(entries: list[Entry]) -> str:
    """The newest run that begins in these entries, as it is kept beside the log; "" if none does."""
    begun = [(one.note["run"], one.place[0] - 1) for one in entries if one.note is not None and "run" in one.note]
    return encode({**begun[-1][0], "base": begun[-1][1]}) if begun else ""
