"""Several replicas in one process, over one real engine."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from demos.limits import Limits
from demos.protocol.errors import Refusal
from demos.protocol.events import Event
from demos.replicas.cluster import Cluster
from demos.replicas.settings import OnLoss, ReplicaSettings
from demos.server.backend import Backend
from demos.threads.callers import STRANGER
from demos.threads.runs import Agent, Thread
from tests.demos.toys import ToyAgent
from tests.patience import seconds

LEASE_MS = 600
_NUMBERS = itertools.count()


class Replica:
    """One of them, as an endpoint sees it."""

    def __init__(self, backend: Backend, cluster: Cluster) -> None:
        self.backend, self.cluster = backend, cluster
        self.name = cluster.settings.name

    async def obey(self, thread_id: str, method: str, **params: Any) -> dict[str, Any]:
        return await self.cluster.obey(thread_id, {"id": 1, "method": method, "params": params}, STRANGER)

    async def start(self, thread_id: str, question: str = "hi", **configurable: Any) -> dict[str, Any]:
        given = {"messages": [{"role": "user", "content": question}]}
        return await self.obey(thread_id, "run.start", input=given, config={"configurable": configurable})

    async def thread(self, thread_id: str, is_read: bool = False) -> Thread:
        await self.cluster.prepare(thread_id, is_read)
        return self.backend.threads.get(thread_id)

    async def answered(self, thread_id: str, is_read: bool = False) -> Thread | None:
        """The thread; None where the engine cannot answer in time: then it is asked again, as clients are told."""
        try:
            return await self.thread(thread_id, is_read)
        except Refusal as refusal:
            if refusal.code != "engine_unavailable":
                raise
            return None

    async def events(self, thread_id: str) -> list[Event]:
        return list((await self.thread(thread_id)).log.since(0, 100_000))

    async def owns(self, thread_id: str) -> bool:
        owner = await self.cluster.engine.redis.hget(self.cluster.engine.key("thread", thread_id), "token")
        return bool(owner == self.name.encode())

    async def die(self) -> None:
        """Stop all that it does, in mid-step, and say nothing to anybody. Its lease runs out."""
        for thread in self.backend.threads:
            if thread.run is not None:
                thread.run.abandon()
        while tasks := self.tasks:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=1)

    @property
    def tasks(self) -> list[asyncio.Task[Any]]:
        return [task for task in asyncio.all_tasks() if task.get_name().endswith(f" of {self.name}")]


@asynccontextmanager
async def replicas(
    url: str, count: int = 2, agent: Callable[[], Agent] = ToyAgent, on_loss: OnLoss = "continue", **limits: int
) -> AsyncIterator[list[Replica]]:
    """So many replicas, with keys in the engine that nobody else uses."""
    prefix = f"test{next(_NUMBERS)}:"
    async with AsyncExitStack() as stack:
        found = []
        for n in range(count):
            settings = ReplicaSettings(url, f"r{n}", LEASE_MS, on_loss, prefix)
            backend = Backend(Limits(**limits), agent, coalesce_s=0, replicas=settings)
            assert isinstance(backend.sharing, Cluster)
            await stack.enter_async_context(backend.sharing.lifespan())
            found.append(Replica(backend, backend.sharing))
        yield found
        await found[0].cluster.engine.redis.flushdb()


async def eventually(condition: Callable[[], Any], for_s: float = 10.0) -> Any:
    """Wait until something holds, and return it. It may be awaitable."""
    async with asyncio.timeout(seconds(for_s)):
        while True:
            found = condition()
            if hasattr(found, "__await__"):
                found = await found
            if found:
                return found
            await asyncio.sleep(0.01)


async def over(replica: Replica, thread_id: str) -> Thread:
    """Wait until the newest run has ended, and its end stands in the log, as this replica sees it."""

    async def ended() -> Thread | None:
        thread = await replica.answered(thread_id)
        if thread is None or thread.run is None or not thread.run.ended:
            return None
        newest = list(thread.log.since(thread.log.last - 1))
        return thread if newest and newest[-1].draft.ends_run else None

    found: Thread = await eventually(ended)
    return found
