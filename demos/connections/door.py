"""The one way into the app: ASGI middleware in front of every route, Streamlit's too.

connection --> counted --> security headers --> bounds of a request --> who asks --> Streamlit, or /api
"""

from __future__ import annotations

from collections.abc import Awaitable, Collection

from starlette.types import ASGIApp, Receive, Scope, Send

from demos.connections.access import AccessCheck
from demos.connections.connection_limits import ConnectionLimits
from demos.connections.request_bounds import RequestBounds
from demos.connections.security_headers import SecurityHeaders
from demos.limits import Limits


class Door:
    """ASGI middleware around a whole application."""

    def __init__(
        self,
        app: ASGIApp,
        limits: Limits,
        connections: ConnectionLimits,
        allowed: Collection[str] = (),
        unchecked: str = "",
        scripts: tuple[str, ...] = (),
    ) -> None:
        """See `AccessCheck` for `allowed` and `unchecked`, `SecurityHeaders` for `scripts`."""
        self._connections = connections
        checked = RequestBounds(AccessCheck(app, allowed, unchecked), limits)
        self._inside = SecurityHeaders(checked, scripts)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        # No coroutine of its own, here and behind it: each would stay in memory as long as a stream is open.
        if scope["type"] == "lifespan":
            self._connections.watch(receive)
        return self._inside(scope, receive, send)
