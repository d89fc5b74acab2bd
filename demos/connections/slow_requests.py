"""Closes connections that send no complete request in time. Depends on internal names of uvicorn.

uvicorn has no time limit for a request's headers, and calls no application before they are complete. So a few thousand
silent sockets would use up the process's descriptors. It also never answers a handshake with over 128 headers.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Any


class SlowRequests:
    """Closes the connections of one server that stay without a request for too long."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._connections: Collection[Any] = ()
        self._since: dict[Any, float] = {}

    def learn(self, connections: Collection[Any]) -> None:
        """Take uvicorn's set of connections, which it changes itself."""
        self._connections = connections

    def patrol(self, now: float | None = None) -> int:
        """Close late connections, return their number. Sends no response: they may be a browser's spare ones."""
        now = time.monotonic() if now is None else now
        self._since = {one: self._since.get(one, now) for one in self._connections if waits(one)}
        late = [one for one, since in self._since.items() if now - since > self._seconds]
        for one in late:
            one.transport.abort()
        return len(late)


def waits(protocol: Any) -> bool:
    """Whether this uvicorn connection has no request that has reached the application.

    After a response, uvicorn starts its own keep-alive timer and cancels it at the next byte: of the next request or of
    a refused body. If the client never reads its last response, the timer does not start.
    """
    if hasattr(protocol, "handshake_complete"):  # a WebSocket: with a scope, the application has it
        return not hasattr(protocol, "scope") and not protocol.handshake_complete
    cycle = getattr(protocol, "cycle", protocol)
    idle = getattr(protocol, "timeout_keep_alive_task", None) is not None
    return cycle is None or (getattr(cycle, "response_complete", False) and not idle)


def is_idle(protocol: Any) -> bool:
    """Whether this uvicorn connection is kept open between two requests, or has had none."""
    return waits(protocol) or getattr(protocol, "timeout_keep_alive_task", None) is not None
