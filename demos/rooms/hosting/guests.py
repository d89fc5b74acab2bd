"""ASGI middleware: while a room is open on a network, whoever is not at this machine gets the rooms, and nothing else.

A bored guest could otherwise start measurements and real proxies on the presenter's laptop, and slow everybody's round.
Behind a proxy on this machine everybody seems to be at it; such a server is no laptop in a room.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from demos.connections.access import deny, refused
from demos.connections.local_address import is_local
from demos.protocol.errors import Refusal

OPEN_TO_GUESTS = ("api/rooms", "api/modules", "api/health", "r", "R")
"""Beginnings of paths, behind the base path."""


class Guests:
    """Stands behind the door, in front of every route."""

    def __init__(self, app: ASGIApp, confines: Callable[[], bool], base: str = "") -> None:
        """`confines`: returns whether guests are confined now. `base`: the path in front of every other."""
        self._app, self._confines = app, confines
        self._base = f"/{base}/" if base else "/"

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] not in ("http", "websocket") or not self._confines() or self._may(scope):
            return self._app(scope, receive, send)
        why = "A workshop is going on here: guests get its room alone. Open the address that the wall shows."
        refusal = Refusal(403, "room_open", why)
        if scope["type"] == "websocket":
            return deny(refusal, scope, receive, send)
        return refused(refusal)(scope, receive, send)

    def _may(self, scope: Scope) -> bool:
        path = scope["path"].removeprefix(scope.get("root_path", "")).removeprefix(self._base)
        if any(path == begins or path.startswith(f"{begins}/") for begins in OPEN_TO_GUESTS):
            return True
        peer = scope.get("client")
        return is_local(peer[0] if peer else None)
