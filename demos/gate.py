"""What every request must pass before an endpoint sees it: Origin, a proxy that ate the upgrade. Plain ASGI.

Streamlit's own checks guard its own paths only. Browsers send Origin with every WebSocket handshake, POST and
cross-site request; programs mostly send none, and may come in. https://www.rfc-editor.org/rfc/rfc6455#section-10.2
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from demos.refusal import Refusal

PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


def refused(refusal: Refusal, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """A refusal as an HTTP answer."""
    return JSONResponse(refusal.body, refusal.status, {"Cache-Control": "no-store", **(headers or {})})


def allowed_origins(environment: Mapping[str, str] = os.environ) -> frozenset[str]:
    """Further hosts whose pages may use the demos, from STREAMWISE_ALLOWED_ORIGINS: `host[:port]`, with commas."""
    given = environment.get("STREAMWISE_ALLOWED_ORIGINS", "").split(",")
    return frozenset(
        one.strip().lower().removeprefix("https://").removeprefix("http://").rstrip("/") for one in given if one.strip()
    )


def origin_allowed(origin: str | None, host: str, allowed: Collection[str]) -> bool:
    """Whether a page from `origin` may use this server, which the request calls `host`."""
    if origin is None:
        return True
    try:
        parts = urlsplit(origin.lower())
    except ValueError:  # such as an address that opens a bracket and does not close it
        return False
    if not parts.netloc:
        return False  # "null": a sandboxed frame, a file
    port = PORTS.get(parts.scheme)
    names = {parts.netloc, parts.netloc.removesuffix(f":{port}"), f"{parts.netloc}:{port}"}
    return host.lower() in names or bool(names & set(allowed))


def at_once(receive: Receive) -> None:
    """Send small writes as they come (TCP_NODELAY), on both transports alike.

    Streamlit hands uvicorn a socket on which asyncio does not set it by itself; a WebSocket's short reply then waits
    for the peer's delayed acknowledgement, about 40 ms that belong to neither protocol.
    """
    transport: Any = getattr(getattr(receive, "__self__", None), "transport", None)
    connection = transport.get_extra_info("socket") if transport is not None else None
    if connection is not None and connection.family in (socket.AF_INET, socket.AF_INET6):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class Gate:
    """ASGI middleware around the demos' routes."""

    def __init__(self, app: ASGIApp, allowed: Collection[str] = ()) -> None:
        self._app = app
        self._allowed = allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(scope)
        if refusal is None:
            if scope["type"] in ("http", "websocket"):
                at_once(receive)
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            upgrade = {"Upgrade": "websocket", "Connection": "Upgrade"} if refusal.status == 426 else None
            await refused(refusal, upgrade)(scope, receive, send)
        else:
            await _deny(refusal, scope, receive, send)

    def _refusal(self, scope: Scope) -> Refusal | None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        # First, as a bare proxy often changes Host too: the page would be called foreign, which is not what ails it.
        if scope["type"] == "http" and scope["method"] == "GET" and "sec-websocket-key" in headers:
            return Refusal(
                426,
                "upgrade_lost",
                "This is a WebSocket handshake whose Upgrade header did not arrive: something in the path removed it. "
                "A proxy must pass Upgrade and Connection on, or use the event stream.",
            )
        if not origin_allowed(headers.get("origin"), headers.get("host", ""), self._allowed):
            return Refusal(
                403,
                "foreign_origin",
                f"Pages from {headers['origin']!r:.100} may not use this server. Allowed: its own, "
                "and hosts in STREAMWISE_ALLOWED_ORIGINS.",
            )
        return None


async def _deny(refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse a handshake, with the sentence where the server can send one."""
    await receive()
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008})  # before accept: HTTP 403
        return
    headers = [(b"content-type", b"application/json")]
    await send({"type": "websocket.http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": json.dumps(refusal.body).encode()})
