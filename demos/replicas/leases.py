"""Who owns which thread: signs of life, claims, and going on with the runs of a replica that is lost."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from demos.limits import Limits
from demos.protocol.errors import Refusal, unknown_thread
from demos.replicas.contact import Contact
from demos.replicas.follower import Follower
from demos.replicas.post import Post
from demos.replicas.reports import Report, learn
from demos.replicas.shared_log import SharedLog
from demos.replicas.store.engine import AWAY, REFUSED, Engine, unavailable
from demos.replicas.views import Views
from demos.threads.runs import Thread

QUIET_BEATS = 10
"""After so many signs of life without a reader here a log is no longer followed."""

logger = logging.getLogger(__name__)


class Leases:
    """Signs of life of this replica, and its claims."""

    def __init__(
        self,
        engine: Engine,
        contact: Contact,
        views: Views,
        follower: Follower,
        post: Post,
        limits: Limits,
        soon: Callable[[Awaitable[Any]], None],
    ) -> None:
        """`soon` does something in a task of its own."""
        self._engine, self._contact, self._views, self._follower = engine, contact, views, follower
        self._post, self._limits, self._soon = post, limits, soon
        self.me = engine.settings.name
        self.lease_ms = engine.settings.lease_ms
        self._is_leaving = False
        self._left: asyncio.Future[None] | None = None
        self._reported: dict[str, str] = {}
        self._quiet: Counter[SharedLog] = Counter()
        self.alive: frozenset[str] = frozenset()
        """Replicas that gave a sign of life, as of our last one."""

    async def run(self) -> None:
        """Give signs of life until cancelled. An error ends nothing: the run goes on, and so must they."""
        while not self._is_leaving:
            await asyncio.sleep(self.lease_ms / 3000)
            self._end_what_waits_too_long()
            try:
                await self.beat()
            except AWAY:
                continue
            except Exception:
                logger.exception("a sign of life failed, and is tried again")

    async def beat(self) -> None:
        """Give one sign of life, learn of the others', and go on with what nobody owns."""
        key, redis = self._engine.key, self._engine.vital
        async with redis.pipeline(transaction=False) as pipe:
            pipe.set(key("alive", self.me), "1", px=self.lease_ms)
            pipe.sadd(key("replicas"), self.me)
            pipe.setnx(key("born"), secrets.token_hex(8))  # another one each time, whoever is first
            pipe.get(key("born"))
            pipe.hgetall(key("owners"))
            pipe.smembers(key("replicas"))
            _, _, _, mark, owners, replicas = await pipe.execute()
            names = sorted({*replicas, *filter(None, owners.values())})
            for name in names:
                pipe.exists(key("alive", name.decode()))
            here = [name for name, is_here in zip(names, await pipe.execute(), strict=True) if is_here]
            if gone := set(names) - set(here):
                await redis.srem(key("replicas"), *gone)
        self._contact.made()
        if self._contact.born(mark.decode()):
            for _, log in self._views.all():
                if log.fence:
                    log.note({})  # the next thing that is stored brings all of it back
        self.alive = frozenset(name.decode() for name in here)
        for thread, owner in owners.items():
            is_lost = owner.decode() not in self.alive and self._contact.may_judge
            known = self._views.find(thread.decode())
            # A claim of ours that an error cut short.
            is_half_mine = owner.decode() == self.me and (known is None or not known[1].fence)
            if not self._is_leaving and (not owner or is_lost or is_half_mine):
                self._soon(self.take_over(thread.decode()))
        await self._report()
        await self._views.make_room()

    async def _report(self) -> None:
        """Say who reads here, keep what is read, and leave what nobody reads here any more."""
        key, redis = self._engine.key, self._engine.redis
        async with redis.pipeline(transaction=False) as pipe:
            for thread, log in self._views.all():
                readers = thread.readers_here()
                self._quiet[log] = 0 if readers else self._quiet[log] + 1
                text = Report.of(thread, readers).text()
                if readers or text != self._reported.get(thread.id):
                    self._reported[thread.id] = text
                    pipe.hset(key("reports", thread.id), self.me, text)
                    kept = (key("reports", thread.id), key("thread", thread.id), key("log", thread.id))
                    for each in (*kept, key("checkpoints", thread.memory)):
                        pipe.pexpire(each, self._engine.ttl_ms)
            await pipe.execute()
        known = {log for _, log in self._views.all()}
        for log in self._follower.logs:
            if log not in known or self._quiet[log] > QUIET_BEATS:
                self._follower.leave(log)
        for gone in [log for log in self._quiet if log not in known]:
            del self._quiet[gone]
            self._reported.pop(gone.thread, None)
        for thread, log in self._views.all():
            await self._views.hold(thread, log)
            run = thread.run
            if log.fence and run is not None and run.active and run.settings.on_disconnect == "stop":
                await self._look_for_readers(thread)

    async def _look_for_readers(self, thread: Thread) -> None:
        """A run that stops when nobody reads it may be read elsewhere."""
        were = thread.readers()
        _, told, _ = await self._engine.thread(thread.id)
        learn(thread, told, self.me, self.alive)
        if were and not thread.readers() and thread.run is not None:
            thread.run.start_grace_period()

    def _end_what_waits_too_long(self) -> None:
        """What nobody can be shown is not written for ever. The end is kept, and stored when the engine is back."""
        for thread, log in self._views.all():
            run, is_full = thread.run, log.waiting_bytes > self._limits.thread_bytes
            if log.fence and run is not None and run.active and (is_full or self._contact.is_away_too_long):
                run.stop("The engine that the servers here share was away too long.")

    async def claim(self, thread: Thread, log: SharedLog) -> str:
        """Own a thread, if it is free or its owner is lost; returns the owner's name. The caller holds the log's lock.

        Raises:
            Refusal: the thread is gone, or a newer version of this server writes it, or this one is about to end.
        """
        if log.fence:
            return self.me
        if self._is_leaving:
            raise unavailable()
        found, owner, fence = await self._engine.claim(log.thread)
        if found == "gone":
            raise unknown_thread(log.thread)
        if found == "newer":
            raise Refusal(503, "newer_format", "A newer version of this server writes this thread. Try again.", 2)
        if found == "owned":
            return owner
        for entry in await self._engine.entries(log.thread, log.place):
            self._views.feed(log, entry)
        log.own(fence)
        self._follower.leave(log)
        if (run := thread.run) is not None and thread.status == "busy" and not run.active:
            logger.warning("going on with run %s of a replica that is lost", run.id)
            run.take_over(self._engine.settings.on_loss == "continue")
        return self.me

    async def take_over(self, thread_id: str) -> None:
        """Go on with what a replica left behind."""
        with suppress(Refusal, *REFUSED):  # tried again with the next sign of life
            found = await self._views.refresh(thread_id)
            if found is None:
                await self._engine.redis.hdel(self._engine.key("owners"), thread_id)
                return
            async with found[1].lock:
                await self.claim(*found)
            await self.release(*found)

    async def release(self, thread: Thread, log: SharedLog) -> None:
        """Own a thread no longer on which nothing is written."""
        async with log.lock:
            if not log.fence or log.waiting or (thread.run is not None and thread.run.active):
                return
            fence, log.fence = log.fence, 0
            if thread.readers_here():
                self._follower.follow(log)
            await self._engine.release(log.thread, fence)

    async def leave(self) -> None:
        """Let others go on at once: no lease has to run out. Asked again, it waits for the first time to be done."""
        if self._left is None:
            self._left = asyncio.ensure_future(self._leave())
        await asyncio.shield(self._left)

    async def _leave(self) -> None:
        self._is_leaving = True
        handed = await asyncio.gather(*(self._hand_over(*each) for each in self._views.all()), return_exceptions=True)
        left = [thread_id for thread_id in handed if isinstance(thread_id, str)]
        await self._engine.vital.delete(self._engine.key("alive", self.me))
        others = sorted(self.alive - {self.me})
        for n, thread_id in enumerate(left if others else ()):
            await self._post.send(others[n % len(others)], {"orphan": thread_id})

    async def _hand_over(self, thread: Thread, log: SharedLog) -> str | None:
        """Own a thread no longer; its id, if others shall go on with its run."""
        async with log.lock:
            if not log.fence:
                return None
            is_unfinished = thread.run is not None and thread.run.active
            if thread.run is not None:
                thread.run.abandon()
            await log.committed()
            fence, log.fence = log.fence, 0
            await self._engine.release(log.thread, fence, is_unfinished)
            return thread.id if is_unfinished else None
