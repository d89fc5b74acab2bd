"""Carries out a command where its thread is written: here, or by a letter to the owner."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from demos.protocol.errors import Refusal
from demos.replicas.leases import Leases
from demos.replicas.post import Post
from demos.replicas.shared_log import COMMIT_S, SharedLog
from demos.replicas.store.engine import REFUSED, unavailable
from demos.replicas.views import Views
from demos.threads.callers import Caller
from demos.threads.commands import Commands, Reply, error
from demos.threads.runs import Thread

AGAIN_S = 0.1
MOST_CARRIED = 1_000


class Delivery:
    """Finds the owner of a thread, or makes this replica the owner, for one command."""

    def __init__(
        self,
        views: Views,
        leases: Leases,
        post: Post,
        commands: Commands,
        make: Callable[[str, str], Awaitable[tuple[Thread, bool]]],
        stored: Callable[[SharedLog], None],
    ) -> None:
        """`make`: makes a thread for an address; `stored`: called when a command's effect is stored."""
        self._views, self._leases, self._post, self._commands = views, leases, post, commands
        self._make, self._stored = make, stored
        self._carried: dict[str, asyncio.Task[tuple[Reply | None, str]]] = {}
        """What others have asked lately, by the number of the command: asked again, it is not carried out again."""

    async def carry_out(self, thread_id: str, frame: Mapping[str, Any], caller: Caller) -> Reply:
        """Carry out a command here, or have its owner do so. The lease of an owner that is lost is waited for."""
        ends = time.monotonic() + 2 * self._leases.lease_ms / 1000 + 2
        number = uuid.uuid4().hex
        message = {"thread": thread_id, "frame": dict(frame), "address": caller.address, "key": caller.key}
        message["number"] = number
        while True:
            reply, owner = await self._here(thread_id, frame, caller)
            if reply is None and owner:
                answer = await self._post.ask(owner, message, self._leases.lease_ms / 1000 + 0.5)
                reply = answer.get("reply") if answer is not None else None
            if reply is not None:
                return reply
            if time.monotonic() > ends:
                raise unavailable()
            await asyncio.sleep(AGAIN_S)

    async def _here(self, thread_id: str, frame: Mapping[str, Any], caller: Caller) -> tuple[Reply | None, str]:
        """Carry out a command, if this replica owns the thread or may: its reply. Else None, and who owns it."""
        found = self._views.find(thread_id) or await self._views.refresh(thread_id)
        if found is None:
            if frame.get("method") != "run.start" or self._views.is_local(thread_id):
                return self._commands.obey(thread_id, frame, caller), ""
            thread, _ = await self._make(thread_id, caller.address)
            found = self._views.find(thread.id)
            if found is None:
                return None, ""
        thread, log = found
        thread.touched = time.monotonic()  # what is commanded makes no room for others
        async with _held(log.lock):
            owner = await self._leases.claim(thread, log)
            if owner != self._leases.me:
                return None, owner
            await log.committed()
            if self._views.find(thread_id) != found:
                return None, ""  # forgotten meanwhile: look again
            reply = self._commands.obey(thread_id, frame, caller)
            if thread.run is not None:
                await thread.run.stopped()
            await self._views.hold(thread, log)
            await log.committed()
        self._stored(log)
        return reply, owner

    async def answer(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a replica that takes this one for the owner: with the reply, or with nothing if it is not."""
        try:
            caller, number = Caller(message["address"], message["key"]), message["number"]
            if number not in self._carried:
                work = self._here(message["thread"], message["frame"], caller)
                self._carried[number] = asyncio.ensure_future(work)
                while len(self._carried) > MOST_CARRIED:
                    del self._carried[next(iter(self._carried))]
            reply, _ = await asyncio.shield(self._carried[number])
            if reply is None:
                self._carried.pop(number, None)  # not carried out, so it may be asked again
        except Refusal as refusal:
            reply = error(message["frame"], refusal)
        except REFUSED:
            reply = error(message["frame"], unavailable())
        return {"reply": reply}


@asynccontextmanager
async def _held(lock: asyncio.Lock) -> AsyncIterator[None]:
    """Hold a lock that others may hold while the engine is away. Raises Refusal if it does not come free in time."""
    try:
        async with asyncio.timeout(COMMIT_S):
            await lock.acquire()
    except TimeoutError:
        raise unavailable() from None
    try:
        yield
    finally:
        lock.release()
