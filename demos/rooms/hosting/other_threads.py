"""Lets other threads, such as those of the app's pages, use rooms: it is done on the server's loop, and waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from demos.rooms.hosting.registry import Rooms

WAIT_S = 10.0
Value = TypeVar("Value")


class NoServer(RuntimeError):
    """No server runs in this process, so there are no rooms."""


def on_the_loop(rooms: Rooms, call: Callable[[], Value]) -> Value:
    """What `call` returns, called where everything of a room happens. Not from that loop itself, which would wait.

    Raises:
        NoServer: none runs, or it does not come to it in time.
        Exception: what `call` raises.
    """

    async def called() -> Value:
        return call()

    if rooms.loop is None or rooms.loop.is_closed():
        raise NoServer("No server runs in this process.")
    try:
        return asyncio.run_coroutine_threadsafe(called(), rooms.loop).result(WAIT_S)
    except TimeoutError:
        raise NoServer("The server is too busy to answer.") from None
