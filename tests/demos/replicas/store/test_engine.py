"""What an engine is asked over connections that died meanwhile, or that an address wants otherwise."""

from __future__ import annotations

import asyncio

import pytest

from demos.replicas.settings import ReplicaSettings
from demos.replicas.store.engine import POOL, Engine
from tests.demos.replicas.engines import RunningEngine


@pytest.mark.parametrize("asked", ["", "?protocol=3"])
def test_idle_connections_that_died_cost_nobody_an_error(mortal_engine: RunningEngine, asked: str) -> None:
    """As after a restart of the engine, or where a balancer cuts what is idle."""

    async def scene() -> None:
        engine = Engine(ReplicaSettings(mortal_engine.url + asked, "one", prefix="idle:"))
        await engine.check()
        assert await engine.create("t", {"epoch": "e1"})
        for _ in range(2):
            found = await asyncio.gather(*(engine.thread("t") for _ in range(3 * POOL)))
            assert all(known["epoch"] == "e1" for known, _, _ in found)
            await engine.vital.ping()
            await engine.vital.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        await engine.close()

    asyncio.run(scene())
