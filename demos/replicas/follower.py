"""Reads the logs that others write, and this replica's post: one blocked read for all of them."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any

from demos.replicas.shared_log import SharedLog
from demos.replicas.store.engine import AWAY, BLOCK_MS, Engine
from demos.replicas.store.entries import Entry, named

COUNT = 500
"""Entries of one log that are read at once."""
MANY = 20
"""From this many logs on, reads leave a pause between them: each costs the engine a look at every log."""
PAUSE_S = 0.005
AGAIN_S = 0.1

logger = logging.getLogger(__name__)


class Follower:
    """Follows logs, and passes on what comes."""

    def __init__(
        self,
        engine: Engine,
        feed: Callable[[SharedLog, Entry], None],
        post: Callable[[dict[str, Any]], None],
    ) -> None:
        """`feed` takes an entry of a followed log; `post` a message to this replica."""
        self._engine, self._feed, self._post = engine, feed, post
        self._logs: dict[bytes, SharedLog] = {}
        self._box = engine.key("post", engine.settings.name).encode()
        self._letter = "$"
        self._pokes: set[asyncio.Task[None]] = set()

    def __contains__(self, log: SharedLog) -> bool:
        return self._key(log) in self._logs

    def _key(self, log: SharedLog) -> bytes:
        return self._engine.key("log", log.thread).encode()

    def follow(self, log: SharedLog) -> None:
        """Follow a log from the place that its view has reached."""
        if log not in self:
            self._logs[self._key(log)] = log
            task = asyncio.create_task(self._poke())
            self._pokes.add(task)
            task.add_done_callback(self._pokes.discard)

    def leave(self, log: SharedLog) -> None:
        self._logs.pop(self._key(log), None)

    @property
    def logs(self) -> list[SharedLog]:
        return list(self._logs.values())

    async def _poke(self) -> None:
        """End the blocked read, which does not know a new log yet, by a letter to ourselves."""
        try:
            await self._engine.redis.xadd(self._box, {"m": "{}"}, maxlen=1_000)
        except AWAY:
            return  # the read fails too, and begins again

    async def begin(self) -> None:
        """Know the newest letter, so that none is missed between two reads."""
        id = await self._engine.redis.xadd(self._box, {"m": "{}"}, maxlen=1_000)
        self._letter = id.decode()

    async def run(self) -> None:
        """Follow until cancelled."""
        while True:
            try:
                await self._read()
            except AWAY:
                await asyncio.sleep(AGAIN_S)
            except Exception:  # or this replica would see nothing any more
                logger.exception("events could not be read, and are tried again")
                await asyncio.sleep(AGAIN_S)

    async def _read(self) -> None:
        places = {key: named(log.place) for key, log in self._logs.items()}
        found = await self._engine.blocked.xread({self._box: self._letter, **places}, count=COUNT, block=BLOCK_MS)
        letter = self._letter
        for key, rows in found or ():
            for id, fields in rows:
                if key == self._box:
                    self._letter = id.decode()
                    self._post(json.loads(fields[b"m"]))
                elif (log := self._logs.get(key)) is not None:
                    self._feed(log, Entry.read(id, fields))
        if letter != self._letter:
            await self._engine.redis.xtrim(self._box, minid=self._letter)  # what was read is not kept
        await asyncio.sleep(PAUSE_S if len(places) > MANY else 0)
