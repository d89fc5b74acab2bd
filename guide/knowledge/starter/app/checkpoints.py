"""Keeps what the graph remembers in Redis: a question can be answered, and a thread go on, in any instance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver, CheckpointTuple, get_checkpoint_id, get_checkpoint_metadata

from app import settings


def thread_key(id: str, part: str) -> str:
    return f"agent:thread:{id}:{part}"


class Saver(BaseCheckpointSaver[Any]):
    """The newest checkpoint of each part of a graph, and what was written since, in one hash for each thread."""

    def __init__(self, redis: Any) -> None:
        super().__init__()
        self._redis = redis

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        at, wanted = config["configurable"], get_checkpoint_id(config)
        rows = await self._redis.hgetall(thread_key(at["thread_id"], "checkpoints"))
        space = at.get("checkpoint_ns", "")
        if not (kept := rows.get(f"checkpoint {space}".encode())):
            return None
        checkpoint, metadata, before = self._loaded(kept)
        if wanted and wanted != checkpoint["id"]:
            return None
        prefix = f"write {space} {checkpoint['id']} ".encode()
        writes = [self._loaded(row) for name, row in sorted(rows.items()) if name.startswith(prefix)]
        named = {"configurable": {**at, "checkpoint_ns": space, "checkpoint_id": checkpoint["id"]}}
        parent = {"configurable": {**at, "checkpoint_ns": space, "checkpoint_id": before}} if before else None
        return CheckpointTuple(named, checkpoint, metadata, parent, writes)  # type: ignore[arg-type]

    async def aput(self, config: RunnableConfig, checkpoint: Any, metadata: Any, new_versions: Any) -> RunnableConfig:
        at = config["configurable"]
        key, space = thread_key(at["thread_id"], "checkpoints"), at.get("checkpoint_ns", "")
        # The graph saves in the background: what belongs to this checkpoint may have been written before it.
        written, since = f"write {space} ".encode(), f"write {space} {checkpoint['id']} ".encode()
        names = await self._redis.hkeys(key)
        old = [name for name in names if name.startswith(written) and not name.startswith(since)]
        kept = (checkpoint, get_checkpoint_metadata(config, metadata), at.get("checkpoint_id"))
        async with self._redis.pipeline() as step:
            step.hset(key, f"checkpoint {space}", self._dumped(kept))
            if old:
                step.hdel(key, *old)
            step.expire(key, int(settings.KEEP_S))
            await step.execute()
        return {
            "configurable": {"thread_id": at["thread_id"], "checkpoint_ns": space, "checkpoint_id": checkpoint["id"]}
        }

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        at = config["configurable"]
        name = f"write {at.get('checkpoint_ns', '')} {at['checkpoint_id']} {task_id}"
        rows = {f"{name} {n:04}": self._dumped((task_id, *write)) for n, write in enumerate(writes)}
        if rows:
            await self._redis.hset(thread_key(at["thread_id"], "checkpoints"), mapping=rows)

    async def adelete_thread(self, thread_id: str) -> None:
        await self._redis.delete(thread_key(thread_id, "checkpoints"))

    def _dumped(self, value: Any) -> bytes:
        kind, data = self.serde.dumps_typed(value)
        return kind.encode() + b"\0" + data

    def _loaded(self, row: bytes) -> Any:
        kind, _, data = row.partition(b"\0")
        return self.serde.loads_typed((kind.decode(), data))
