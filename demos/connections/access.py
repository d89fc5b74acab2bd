"""ASGI middleware that checks every request: Host, Origin, and an Upgrade header that a proxy removed.

Streamlit's own checks guard its own paths only. Browsers send Origin with every WebSocket handshake, POST and
cross-site request; programs mostly send none, and may come in.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from demos.connections.hosts import VARIABLE, host_allowed, origin_allowed, own_names
from demos.protocol.errors import Refusal


def refused(refusal: Refusal, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Convert a refusal to an HTTP response."""
    return JSONResponse(refusal.body, refusal.status, {"Cache-Control": "no-store", **(headers or {})})


class AccessCheck:
    """ASGI middleware around the demos' routes that refuses requests with a wrong Host or Origin."""

    def __init__(self, app: ASGIApp, allowed: Collection[str] = (), unchecked: str = "") -> None:
        """`unchecked`: a path below which any origin is allowed; only in a child server that shows the effect."""
        self._app, self._unchecked = app, unchecked
        self._allowed = allowed
        self._own = own_names()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(scope)
        if refusal is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            upgrade = {"Upgrade": "websocket", "Connection": "Upgrade"} if refusal.status == 426 else None
            await refused(refusal, upgrade)(scope, receive, send)
        else:
            await _deny(refusal, scope, receive, send)

    def _refusal(self, scope: Scope) -> Refusal | None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        # First, since such a proxy often changes Host too: the response would then name the wrong problem.
        if scope["type"] == "http" and scope["method"] == "GET" and "sec-websocket-key" in headers:
            return Refusal(
                426,
                "upgrade_lost",
                "This is a WebSocket handshake whose Upgrade header did not arrive: something in the path removed it. "
                "A proxy must pass Upgrade and Connection on, or use the event stream.",
            )
        host = headers.get("host")
        if not host_allowed(host, self._allowed, self._own):
            return Refusal(
                421,
                "unknown_host",
                f"This server is not called {host!r:.100}. Allowed: its address, localhost, its machine's name, "
                f"and names in {VARIABLE}.",
            )
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        anybody = self._unchecked != "" and path.startswith(self._unchecked)
        if not anybody and not origin_allowed(headers.get("origin"), host or "", self._allowed):
            return Refusal(
                403,
                "foreign_origin",
                f"Pages from {headers['origin']!r:.100} may not use this server. Allowed: its own, "
                f"and hosts in {VARIABLE}.",
            )
        return None


async def _deny(refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse a WebSocket handshake, with a message if the server supports one."""
    await receive()
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008})  # before accept: HTTP 403
        return
    headers = [(b"content-type", b"application/json")]
    await send({"type": "websocket.http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": json.dumps(refusal.body).encode()})
