"""One replica among several: every command reaches the owner of its thread, and every run has an owner that lives.

client -> this replica -- owner? --> carried out here, stored, answered
                              `----> letter to the owner -> its answer
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import sys
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

from demos.limits import Limits
from demos.protocol.errors import Refusal
from demos.replicas.contact import Contact
from demos.replicas.delivery import Delivery
from demos.replicas.follower import Follower
from demos.replicas.leases import Leases
from demos.replicas.post import Post
from demos.replicas.settings import ReplicaSettings
from demos.replicas.shared_log import SharedLog
from demos.replicas.store.engine import REFUSED, Engine, Silent, Unfit, unavailable
from demos.replicas.views import Views
from demos.replicas.writer import Writer
from demos.threads.callers import NOBODY, STRANGER, Caller
from demos.threads.commands import Commands, Reply, error
from demos.threads.event_log import EPOCH_BYTES
from demos.threads.registry import Threads
from demos.threads.runs import Thread

OWNED = ("run.start", "input.respond", "input.inject", "run.cancel")
"""Commands that only the owner of a thread carries out."""
START_S = 10.0
"""How long an engine is waited for that does not answer yet."""
END_S = 2.0
"""How long this replica's own work may take to end."""
STATUS = {"no_such_thread": 404, "no_such_run": 404, "not_your_thread": 403, "engine_unavailable": 503}
"""Of refusals that came as a reply."""
logger = logging.getLogger(__name__)


class Cluster:
    """A `demos.threads.sharing.Sharing` over an engine."""

    is_alone = False

    def __init__(
        self,
        settings: ReplicaSettings,
        threads: Threads,
        commands: Commands,
        limits: Limits,
        ready: Callable[[], Awaitable[object]],
    ) -> None:
        """`ready` is awaited before this replica takes part: loading the agent would stop its signs of life."""
        self.settings = settings
        self.engine = Engine(settings)
        self.engine.ttl_ms = limits.idle_seconds * 1000
        self._threads, self._commands, self._limits, self._ready = threads, commands, limits, ready
        self.contact = Contact(settings.lease_ms / 1000)
        self.writer = Writer(self.engine, self.contact, self._stored, self._fenced, self._about)
        self.views = Views(self.engine, threads, limits, self.writer.queue, lambda: self.leases.alive, self.contact)
        self.follower = Follower(self.engine, self.views.feed, self._letter)
        self.post = Post(self.engine, lambda message: self.delivery.answer(message))
        self.leases = Leases(self.engine, self.contact, self.views, self.follower, self.post, limits, self.soon)
        self.delivery = Delivery(self.views, self.leases, self.post, commands, self.make, self._stored)
        self.when_told: dict[str, Callable[[Mapping[str, Any]], object]] = {}
        self._later: set[asyncio.Task[Any]] = set()

    @property
    def problem(self) -> str:
        away = self.contact.away_s
        return f"The engine has not answered for {away:.0f} s." if away else ""

    def saver(self) -> Any:
        """What keeps the graph's checkpoints in the engine. Slow: imports langgraph."""
        from demos.replicas.checkpoints import EngineSaver

        return EngineSaver(self.engine)

    def soon(self, work: Awaitable[Any]) -> None:
        """Do something in a task of its own; what the engine cannot take now is said in the log."""
        task = asyncio.ensure_future(work)
        self._later.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._later.discard(task)
        if not task.cancelled() and (failed := task.exception()) is not None:
            logger.warning("a step of this replica failed: %s: %s", type(failed).__name__, failed)

    # --- what endpoints ask ---

    async def prepare(self, thread_id: str, is_read: bool = False) -> None:
        try:
            found = self.views.find(thread_id)
            if found is not None:
                await self.views.hold(*found)
            if found is not None and found[1].fence:
                await found[1].committed()
                return
            found = await self.views.refresh(thread_id)
            if found is not None:
                await found[1].committed()  # this server may have become the owner meanwhile
        except REFUSED:
            raise unavailable() from None
        if found is not None and is_read:
            self.follower.follow(found[1])

    async def make(self, thread_id: str | None, client: str = NOBODY) -> tuple[Thread, bool]:
        key = self._threads.id_for(thread_id)
        await self.prepare(key)
        if self._threads.has(key):
            return self._threads.get(key), False
        self._threads.admit(client)
        known = {
            "epoch": secrets.token_hex(EPOCH_BYTES),
            "key": secrets.token_urlsafe(24),
            "client": client,
            "memory": f"{key}/{uuid.uuid4().hex}",
        }
        try:
            is_new = await self.engine.create(key, known)
        except REFUSED:
            raise unavailable() from None
        if is_new:
            self.views.adopt(key, known)
        else:
            await self.prepare(key)
        return self._threads.get(key), is_new

    async def obey(self, thread_id: str, frame: Mapping[str, Any], caller: Caller = STRANGER) -> Reply:
        try:
            if frame.get("method") not in OWNED:
                await self.prepare(thread_id)
                return self._commands.obey(thread_id, frame, caller)
            return await self.delivery.carry_out(thread_id, frame, caller)
        except Refusal as refusal:
            return error(frame, refusal)
        except REFUSED:
            return error(frame, unavailable())

    async def stop(self, thread_id: str, run_id: str, caller: Caller = STRANGER) -> None:
        reply = await self.obey(thread_id, {"method": "run.cancel", "params": {"run_id": run_id}}, caller)
        if reply["type"] == "error":
            raise Refusal(STATUS.get(reply["error"], 400), reply["error"], reply["message"])

    def tell(self, topic: str, message: Mapping[str, Any]) -> None:
        for name in self.leases.alive - {self.settings.name}:
            self.soon(self.post.send(name, {"tell": topic, "message": dict(message)}))

    def _letter(self, letter: dict[str, Any]) -> None:
        if "orphan" in letter:
            self.soon(self.leases.take_over(letter["orphan"]))
        elif "tell" in letter:
            self.when_told[letter["tell"]](letter["message"])
        else:
            self.post.take(letter)

    # --- what the writer says ---

    def _stored(self, log: SharedLog) -> None:
        """Own a thread only while a run of it is written: a question to a human needs no owner."""
        found = self.views.find(log.thread)
        if found is None or found[1] is not log:
            return
        thread = found[0]
        thread.tell(log.last)
        if log.fence and not log.waiting and not (thread.run and thread.run.active):
            self.soon(self.leases.release(thread, log))

    def _fenced(self, log: SharedLog) -> None:
        logger.warning("thread %s has another owner now; what this replica wrote of it since is dropped", log.thread)
        log.disown()
        found = self.views.find(log.thread)
        if found is not None and found[1] is log:
            if (run := found[0].run) is not None:
                run.abandon()
            self.soon(self.views.reload(*found))
            self.follower.follow(log)

    def _about(self, log: SharedLog) -> dict[str, str] | None:
        """What the engine holds of a thread beside its log; None: it is not known here any more."""
        found = self.views.find(log.thread)
        if found is None or found[1] is not log:
            return None
        thread = found[0]
        known = {"epoch": log.epoch, "key": thread.key, "client": thread.client, "memory": thread.memory}
        return {**known, "token": self.settings.name, "fence": str(log.fence), "held": str(int(thread.is_held))}

    # --- its life ---

    @asynccontextmanager
    async def lifespan(self) -> AsyncIterator[None]:
        await self._find_engine()
        with suppress(Exception):  # the run that needs the agent reports the failure
            await self._ready()
        await self.follower.begin()
        await self.leases.beat()
        work = {"writer": self.writer.run, "follower": self.follower.run, "leases": self.leases.run}
        tasks = [asyncio.create_task(run(), name=f"{name} of {self.settings.name}") for name, run in work.items()]
        try:
            yield
        finally:
            with suppress(*REFUSED, TimeoutError):
                async with asyncio.timeout(END_S):
                    await self.leases.leave()
            ending = [*tasks, *self._later]
            for task in ending:
                task.cancel()
            await asyncio.wait(ending, timeout=END_S)
            with suppress(*REFUSED):
                await self.engine.close()

    async def _find_engine(self) -> None:
        """Wait for an engine that is started at the same time. Exits where it cannot be used."""
        ends = time.monotonic() + START_S
        while True:
            try:
                return await self.engine.check()
            except Silent as silent:
                if time.monotonic() > ends:
                    sys.exit(str(silent))
                await asyncio.sleep(0.2)
            except Unfit as unfit:
                sys.exit(str(unfit))

    def hand_over(self) -> None:
        self.soon(self.leases.leave())
