"""Bounds the connections of one server, in all and for each address. Depends on internal names of uvicorn.

uvicorn calls no application before a request's head is complete, and asyncio accepts connections until the process has
no descriptor left: then nobody gets in, and each failed accept is logged. So connections are counted as they are made.
Where an address has too many, its oldest one that says nothing is closed, and the new one is served.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Any

from starlette.types import Receive

from demos.connections.slow_requests import is_idle, waits
from demos.limits import Limits
from demos.threads.callers import NOBODY

SPARE = 64
"""Descriptors kept for everything else: files, pipes of child processes."""
BURST = 32
"""Connections accepted at once. They have descriptors before they can be counted, up to three times that many."""
SHARE = 0.75
"""Largest part of all connections for one address: somebody else always gets in."""
LISTEN = 1024
"""Connections that the system keeps for us until they are accepted."""


class ConnectionLimits:
    """Watches the connections of one uvicorn server."""

    def __init__(self, limits: Limits, found: Callable[[Collection[Any]], None] = lambda connections: None) -> None:
        """`found`: called once with the server's set of connections, when the first one is made."""
        self.most = limits.connections
        self.client_most = limits.client_connections
        self._found = found
        self._listening = False
        self._ending = False

    def shut(self) -> None:
        """Close whatever is connected from now on. The system may hand over connections after the server has ended the
        others: it would wait for one that says nothing, such as a browser's spare one.
        """
        self._ending = True

    def watch(self, receive: Receive) -> bool:
        """Count the connections of the server whose lifespan this is; before it begins to listen.

        Returns:
            whether it could: with another server than uvicorn there is nothing to hook on to.
        """
        config: Any = getattr(getattr(receive, "__self__", None), "config", None)
        kind = getattr(config, "http_protocol_class", None)
        if not isinstance(kind, type):
            return False
        self._fit_descriptors()
        config.http_protocol_class = self._counting(kind)
        config.backlog = min(config.backlog, BURST)
        return True

    def _fit_descriptors(self) -> None:
        """Allow ourselves as many descriptors as the limits need; lower the limits where the system has fewer."""
        try:
            import resource
        except ImportError:  # Windows has no such limit
            return
        taken = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else SPARE
        beside = taken + SPARE + 2 * BURST
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft != resource.RLIM_INFINITY and soft < self.most + beside:
            wanted = self.most + beside if hard == resource.RLIM_INFINITY else min(hard, self.most + beside)
            with suppress(ValueError, OSError):
                resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
                soft = wanted
            self.most = max(BURST, min(self.most, soft - beside))
        self.client_most = min(self.client_most, int(self.most * SHARE))

    def _counting(self, kind: type[Any]) -> type[Any]:
        made = self.made

        class Counted(kind):  # type: ignore[misc]
            """uvicorn's connection, which is counted as it is made."""

            def connection_made(self, transport: Any) -> None:
                super().connection_made(transport)
                self.made_at = time.monotonic()
                made(self)

        return Counted

    def made(self, protocol: Any) -> None:
        """Make room for a new connection, at the cost of its own address first; or close it."""
        if self._ending:
            protocol.transport.abort()
            return
        connections = protocol.connections
        if not self._listening:
            self._listening = True
            self._found(connections)
            _listen_for_more(protocol.transport)
        if len(connections) <= self.client_most:
            return  # nobody can have too many
        held = [one for one in connections if not one.transport.is_closing()]
        counts, mine = Counter(_address(one) for one in held), _address(protocol)
        if counts[mine] > self.client_most:
            self._make_room([one for one in held if _address(one) == mine], protocol)
        elif len(held) > self.most:
            largest = max(counts, key=lambda address: counts[address])
            self._make_room([one for one in held if _address(one) == largest], protocol)

    def _make_room(self, candidates: Collection[Any], newest: Any) -> None:
        silent = [one for one in candidates if one is not newest and waits(one)]
        idle = silent or [one for one in candidates if one is not newest and is_idle(one)]
        closed = min(idle, key=lambda one: getattr(one, "made_at", 0.0), default=newest)
        closed.transport.abort()


def _address(protocol: Any) -> str:
    client = getattr(protocol, "client", None)
    return client[0] if client else NOBODY


def _listen_for_more(transport: Any) -> None:
    """Let the system keep more connections for us than we accept at once: asyncio has one number for both."""
    for listener in getattr(getattr(transport, "_server", None), "sockets", None) or ():
        with suppress(OSError):
            getattr(listener, "_sock", listener).listen(LISTEN)  # asyncio hands out a copy that may not listen
