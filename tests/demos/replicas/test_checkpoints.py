"""What a graph remembers in the engine: kept whole or not at all."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import Checkpoint, empty_checkpoint
from redis.exceptions import OutOfMemoryError

from demos.replicas.checkpoints import EngineSaver
from demos.replicas.settings import ReplicaSettings
from demos.replicas.store.engine import Engine
from tests.demos.replicas.engines import RunningEngine

AT: RunnableConfig = {"configurable": {"thread_id": "t", "checkpoint_ns": ""}}


def newer(id: str) -> Checkpoint:
    return {**empty_checkpoint(), "id": id}


def test_a_full_engine_forgets_nothing_that_a_task_has_finished(
    mortal_engine: RunningEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A checkpoint takes the place of what was written since the last one: both steps, or neither."""
    monkeypatch.setattr("demos.replicas.contact.PATIENCE_S", 0.0)

    async def kept(saver: EngineSaver) -> tuple[str, list[Any]]:
        found = await saver.aget_tuple(AT)
        assert found is not None
        return found.checkpoint["id"], [value for _, _, value in found.pending_writes or ()]

    async def scene() -> None:
        engine = Engine(ReplicaSettings(mortal_engine.url, "one", 1500, "continue", "checkpoints:"))
        saver = EngineSaver(engine)
        first = await saver.aput(AT, newer("1"), {}, {})
        await saver.aput_writes(first, [("channel", "done")], "task")
        await engine.redis.config_set("maxmemory", 1)
        with pytest.raises(OutOfMemoryError):
            await saver.aput(first, newer("2"), {}, {})
        assert await kept(saver) == ("1", ["done"])
        await engine.redis.config_set("maxmemory", 0)
        await saver.aput(first, newer("2"), {}, {})
        assert await kept(saver) == ("2", [])
        assert await engine.redis.pttl(engine.key("checkpoints", "t")) > 0
        await engine.close()

    asyncio.run(scene())
