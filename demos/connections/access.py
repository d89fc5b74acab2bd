"""ASGI middleware in front of the whole app that checks who asks: Host, Origin, Sec-Fetch-Site, and a lost Upgrade.

Streamlit's own checks guard its own paths only, and by default let any local page and any name in. Browsers send Origin
with every WebSocket handshake, POST and cross-site `fetch`; with an `<img>` or an `<iframe>` they send none, but say in
Sec-Fetch-Site who asks (https://www.w3.org/TR/fetch-metadata/). Programs mostly send neither, and may come in.
"""

from __future__ import annotations

import html
import json
from collections.abc import Awaitable, Collection, Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from demos.connections.hosts import VARIABLE, host_allowed, origin_allowed, own_names
from demos.protocol.errors import Refusal

OURS = frozenset({"same-origin", "none"})
"""Values of Sec-Fetch-Site: a page of ours, or the person at the browser. Other local ports are `same-site`."""
ENDPOINTS, STREAMLIT = ("api", "mcp"), "_stcore"
"""The parts of a path, behind whatever base path, that begin our endpoints, and Streamlit's own."""


def is_api(path: str) -> bool:
    """Whether a path is one of our endpoints, which may start work. What comes first decides: the rest may be anybody's
    choice, such as the name of an answer.
    """
    first = next((part for part in path.split("/") if part in (*ENDPOINTS, STREAMLIT)), None)
    return first in ENDPOINTS


def refused(refusal: Refusal, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Convert a refusal to an HTTP response."""
    again = {} if refusal.retry_s is None else {"Retry-After": str(refusal.retry_s)}
    return JSONResponse(refusal.body, refusal.status, {"Cache-Control": "no-store", **again, **(headers or {})})


class AccessCheck:
    """ASGI middleware that refuses requests of foreign pages, and those that call the server by a foreign name."""

    def __init__(self, app: ASGIApp, allowed: Collection[str] = (), unchecked: str = "") -> None:
        """`unchecked`: a path below which any origin is allowed; only in a child server that shows the effect."""
        self._app, self._unchecked = app, unchecked
        self._allowed = allowed
        self._own = own_names()

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        refusal = self._refusal(scope) if scope["type"] in ("http", "websocket") else None
        if refusal is None:
            return self._app(scope, receive, send)
        if scope["type"] == "http":
            return _answer(refusal, scope)(scope, receive, send)
        return deny(refusal, scope, receive, send)

    def _refusal(self, scope: Scope) -> Refusal | None:
        given = Headers(scope=scope)
        # First, since such a proxy often changes Host too: the response would then name the wrong problem.
        if scope["type"] == "http" and scope["method"] == "GET" and given.get("sec-websocket-key") is not None:
            return Refusal(
                426,
                "upgrade_lost",
                "This is a WebSocket handshake whose Upgrade header did not arrive: something in the path removed it. "
                "A proxy must pass Upgrade and Connection on, or use the event stream.",
            )
        if twice := next((name for name in ("host", "origin") if len(given.getlist(name)) > 1), None):
            return Refusal(400, "invalid_argument", f"The header {twice} came twice. Allowed: once.")
        host = given.get("host")
        if not host_allowed(host, self._allowed, self._own):
            return Refusal(
                421,
                "unknown_host",
                f"This server is not called {host!r:.100}. Allowed: its address, localhost, its machine's name, "
                f"and names in {VARIABLE}.",
            )
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if self._unchecked and path.startswith(self._unchecked):
            return None
        return self._foreign(scope, path, host or "", given)

    def _foreign(self, scope: Scope, path: str, host: str, given: Headers) -> Refusal | None:
        """Refuse a page that is not ours. A page that says its origin is judged by it alone."""
        origin = given.get("origin")
        if origin is not None:
            if origin_allowed(origin, host, self._allowed):
                return None
            return _foreign_page(origin)
        site = given.get("sec-fetch-site")
        if site is not None and site.lower() not in OURS and (is_api(path) or not _opens_a_page(scope, given)):
            return _foreign_page(given.get("referer") or site)
        # Browsers send no Sec-Fetch-Site to what is neither https nor loopback. Most then send a Referer.
        referer = given.get("referer")
        if site is None and is_api(path) and referer is not None and not self._is_ours(referer, host):
            return _foreign_page(referer)
        return None

    def _is_ours(self, referer: str, host: str) -> bool:
        try:
            parts = urlsplit(referer)
        except ValueError:
            return False
        return origin_allowed(f"{parts.scheme}://{parts.netloc}", host, self._allowed)


def _opens_a_page(scope: Scope, given: Headers) -> bool:
    """Whether a person follows a link from another site: the page opens by itself, not in a frame."""
    navigates = given.get("sec-fetch-mode") == "navigate" and given.get("sec-fetch-dest") == "document"
    return navigates and scope["type"] == "http" and scope["method"] in ("GET", "HEAD")


def _foreign_page(named: str) -> Refusal:
    return Refusal(
        403,
        "foreign_origin",
        f"Pages from {named!r:.100} may not use this server. Allowed: its own, and hosts in {VARIABLE}.",
    )


def _answer(refusal: Refusal, scope: Scope) -> Response:
    """A refusal as a page for a person, as JSON for everybody else."""
    headers = {"Upgrade": "websocket", "Connection": "Upgrade"} if refusal.status == 426 else {}
    accepts = Headers(scope=scope).get("accept") or ""
    if "text/html" not in accepts or is_api(scope["path"]):
        return refused(refusal, headers)
    return HTMLResponse(_page(refusal, Headers(scope=scope).get("host") or ""), refusal.status, headers)


def _page(refusal: Refusal, host: str) -> str:
    """A page that says why, and which setting lets a name in."""
    setting = f"{VARIABLE}={host} make run" if refusal.code == "unknown_host" else ""
    how = (
        f"<p>Is it yours? Start the app with its name, and nobody else's:</p><pre>{html.escape(setting)}</pre>"
        if setting
        else ""
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>Streamwise: not served here</title>'
        "<style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem;"
        "color-scheme:light dark}pre{overflow:auto;padding:.75rem;border:1px solid}</style>"
        f"<h1>This page is not served here</h1><p>{html.escape(refusal.message)}</p>{how}</html>"
    )


async def deny(refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse a WebSocket handshake, with a message if the server supports one."""
    await receive()
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008})  # before accept: HTTP 403
        return
    headers = [(b"content-type", b"application/json")]
    await send({"type": "websocket.http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": json.dumps(refusal.body).encode()})
