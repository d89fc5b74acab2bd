"""Keeps what the graph remembers in the engine, so that another replica can go on with it. Plain Redis is enough."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver, CheckpointTuple, get_checkpoint_id, get_checkpoint_metadata

from demos.replicas import contact
from demos.replicas.store.engine import REFUSED, Engine
from demos.replicas.store.pipe import Command

AGAIN_S = 0.2


class EngineSaver(BaseCheckpointSaver[Any]):
    """The newest checkpoint of each part of a graph, and what was written since: one hash for each thread.

    Its fields: `c PART` holds a checkpoint, `w PART CHECKPOINT TASK NUMBER` something that a task wrote since.
    """

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self._engine = engine

    def _key(self, config: RunnableConfig) -> str:
        return self._engine.key("checkpoints", config["configurable"]["thread_id"])

    async def _patiently(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        """Ask until the engine answers: a run shall not fail because the engine starts again."""
        ends = time.monotonic() + contact.PATIENCE_S
        while True:
            try:
                return await ask()
            except REFUSED:
                if time.monotonic() > ends:
                    raise
                await asyncio.sleep(AGAIN_S)

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        at, wanted = config["configurable"], get_checkpoint_id(config)
        fields = await self._patiently(lambda: self._engine.redis.hgetall(self._key(config)))
        part = at.get("checkpoint_ns", "")
        if (kept := fields.get(f"c {part}".encode())) is None:
            return None
        checkpoint, metadata, parent = self._read(kept)
        if wanted not in (None, checkpoint["id"]):
            return None
        mine = f"w {part} {checkpoint['id']} ".encode()
        writes = [self._read(fields[name]) for name in sorted(fields) if name.startswith(mine)]
        here = {"thread_id": at["thread_id"], "checkpoint_ns": part}
        return CheckpointTuple(
            {"configurable": {**at, **here, "checkpoint_id": checkpoint["id"]}},
            checkpoint,
            metadata,
            {"configurable": {**at, **here, "checkpoint_id": parent}} if parent else None,
            writes,
        )

    async def aput(self, config: RunnableConfig, checkpoint: Any, metadata: Any, new_versions: Any) -> RunnableConfig:
        at, key = config["configurable"], self._key(config)
        part, id = at.get("checkpoint_ns", ""), checkpoint["id"]
        kept = self._written((checkpoint, get_checkpoint_metadata(config, metadata), at.get("checkpoint_id")))

        async def put() -> None:
            # What a task wrote for this checkpoint may have come before it.
            [found] = await self._engine.remember(("HKEYS", key))
            names = [name for name in found if name.startswith(f"w {part} ".encode())]
            old = [name for name in names if not name.startswith(f"w {part} {id} ".encode())]
            removed: list[Command] = [("HDEL", key, *old)] if old else []
            await self._engine.remember(
                ("HSET", key, f"c {part}", kept), *removed, ("PEXPIRE", key, self._engine.ttl_ms)
            )

        await self._patiently(put)
        return {"configurable": {"thread_id": at["thread_id"], "checkpoint_ns": part, "checkpoint_id": id}}

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        at = config["configurable"]
        name = f"w {at.get('checkpoint_ns', '')} {at['checkpoint_id']} {task_id}"
        fields = {f"{name} {n:04}": self._written((task_id, *write)) for n, write in enumerate(writes)}
        if fields:
            key = self._key(config)

            flat = [part for field in fields.items() for part in field]

            async def put() -> None:
                await self._engine.remember(("HSET", key, *flat), ("PEXPIRE", key, self._engine.ttl_ms))

            await self._patiently(put)

    async def adelete_thread(self, thread_id: str) -> None:
        key = self._engine.key("checkpoints", thread_id)
        await self._patiently(lambda: self._engine.redis.delete(key))

    def _written(self, value: Any) -> bytes:
        kind, data = self.serde.dumps_typed(value)
        return kind.encode() + b" " + data

    def _read(self, kept: bytes) -> Any:
        kind, _, data = kept.partition(b" ")
        return self.serde.loads_typed((kind.decode(), data))
