"""Closes connections that send no complete request in time. Depends on internal names of uvicorn.

uvicorn has no time limit for a request's head and calls no application before it has come, so a few thousand sockets
that say nothing would use up the process's descriptors. Nor does it answer a WebSocket handshake of over 128 headers.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Any

from starlette.types import Receive


class SlowRequests:
    """Ends the connections of one server that keep it waiting for a request."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._connections: Collection[Any] = ()
        self._since: dict[Any, float] = {}

    def learn(self, receive: Receive) -> None:
        """From the first request that comes through: where uvicorn keeps its connections. Another server has none."""
        if not self._connections:
            here = getattr(receive, "__self__", None)
            protocol = getattr(getattr(here, "on_response", None), "__self__", here)
            self._connections = getattr(protocol, "connections", ())

    def patrol(self, now: float | None = None) -> int:
        """End those that have waited too long; how many. Nothing is said: a browser keeps spare connections, too."""
        now = time.monotonic() if now is None else now
        self._since = {one: self._since.get(one, now) for one in self._connections if waits(one)}
        late = [one for one, since in self._since.items() if now - since > self._seconds]
        for one in late:
            one.transport.abort()
        return len(late)


def waits(protocol: Any) -> bool:
    """Whether this connection of uvicorn's has no request under way that an application knows of.

    After an answer uvicorn sets a time itself, and takes it back when the next byte comes: of the next request, of a
    body that was refused, or none, where a last answer is never read.
    """
    if hasattr(protocol, "handshake_complete"):  # a WebSocket: with a scope, it has been handed to the application
        return not hasattr(protocol, "scope") and not protocol.handshake_complete
    cycle = getattr(protocol, "cycle", protocol)
    idle = getattr(protocol, "timeout_keep_alive_task", None) is not None
    return cycle is None or (getattr(cycle, "response_complete", False) and not idle)
