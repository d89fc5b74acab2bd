"""What one person tells the room: each thing once, in the background, and a refusal is noted."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import httpx

from demos.crowd.room_client import Refused, RoomClient

ERRORS = (Refused, httpx.HTTPError)


class Sayings:
    """Speaks for one key."""

    def __init__(self, room: RoomClient) -> None:
        self.room, self.key = room, ""
        self.refusals: list[str] = []
        self._said: set[object] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def say(self, what: str, after_s: float = 0.0, **more: Any) -> None:
        """Tell the room something after a while; note where it does not take it."""
        await asyncio.sleep(after_s)
        try:
            try:
                await self.room.say(self.key, what, **more)
            except httpx.TransportError:  # a connection was lost: all that is said counts once, however often it comes
                await self.room.say(self.key, what, **more)
        except ERRORS as error:
            self.refusals.append(f"{what}: {str(error) or type(error).__name__}")

    def once(self, what: object, doing: Coroutine[Any, Any, None]) -> None:
        """Do something in the background, unless it was done under this name."""
        if what in self._said:
            doing.close()
            return
        self._said.add(what)
        self._tasks.add(task := asyncio.create_task(doing))
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """End what goes on in the background."""
        running = [*self._tasks]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
