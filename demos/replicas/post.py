"""Letters between replicas: a command to whoever owns the thread, and its answer."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from demos.protocol.events import encode
from demos.replicas.store.engine import REFUSED, Engine

LETTERS = 1_000
"""Letters that a box holds; the oldest goes first, and whoever waits for its answer asks again."""
BOX_MS = 60_000
"""How long the box of a replica is kept that is gone."""

Message = dict[str, Any]


class Post:
    """Sends letters, and finds whose answer came."""

    def __init__(self, engine: Engine, asked: Callable[[Message], Awaitable[Message]]) -> None:
        """`asked` answers a message of another replica."""
        self._engine, self._asked = engine, asked
        self._waiting: dict[str, asyncio.Future[Message]] = {}
        self._answering: set[asyncio.Task[None]] = set()

    async def send(self, to: str, letter: Message) -> None:
        box = self._engine.key("post", to)
        async with self._engine.redis.pipeline(transaction=False) as pipe:
            pipe.xadd(box, {"m": encode(letter)}, maxlen=LETTERS)
            pipe.pexpire(box, BOX_MS)
            await pipe.execute()

    async def ask(self, to: str, message: Message, patience_s: float) -> Message | None:
        """Ask a replica; None if it does not answer in time."""
        number = uuid.uuid4().hex
        self._waiting[number] = answer = asyncio.get_running_loop().create_future()
        try:
            await self.send(to, {"ask": number, "from": self._engine.settings.name, "message": message})
            async with asyncio.timeout(patience_s):
                said: Message = await answer
                return said
        except TimeoutError:
            return None
        finally:
            del self._waiting[number]

    def take(self, letter: Message) -> None:
        """Take a letter that came."""
        if "answer" in letter:
            waiting = self._waiting.get(letter["answer"])
            if waiting is not None and not waiting.done():
                waiting.set_result(letter["message"])
        elif "ask" in letter:
            task = asyncio.create_task(self._answer(letter))
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)

    async def _answer(self, letter: Message) -> None:
        said = await self._asked(letter["message"])
        with suppress(*REFUSED):  # whoever asked asks again
            await self.send(letter["from"], {"answer": letter["ask"], "message": said})
