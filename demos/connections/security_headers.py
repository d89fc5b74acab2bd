"""ASGI middleware that adds to every answer what a browser should not let others do with it.

Pages get a content policy as strict as Streamlit bears: its styles are inline, and one short script of its page is,
which is allowed by its hash. Everything else is data, and may load nothing. An answer may bring headers of its own.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from collections.abc import Awaitable, Iterable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from demos.connections.hosts import is_loopback

POLICY = b"content-security-policy"
ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
DATA = b"default-src 'none'; frame-ancestors 'none'"
_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def script_hashes(page: str) -> tuple[str, ...]:
    """Sources for a content policy that allow the inline scripts of a page, and no other."""
    found = (hashlib.sha256(script.encode()).digest() for script in _INLINE.findall(page))
    return tuple(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in found)


@functools.lru_cache(maxsize=64)
def page_policy(host: str, scripts: tuple[str, ...]) -> bytes:
    """Content policy of a page, for the Host header that it was asked for by.

    `scripts`: further sources of scripts. On this machine a page may also use other ports: scenarios that break a
    server start one of their own.
    """
    name = host.rpartition(":")[0] if re.search(r":\d+$", host) else host
    # A policy cannot name an IPv6 address (https://www.w3.org/TR/CSP3/#grammardef-host-part).
    ports = [] if not is_loopback(host) else ["http:", "ws:"] if name.startswith("[") else _loopback_ports()
    sockets = [] if not host or host.startswith("[") else [f"ws://{host}", f"wss://{host}"]
    parts: dict[str, Iterable[str]] = {
        "default-src": ["'self'"],
        "script-src": ["'self'", "blob:", *scripts],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'", "data:"],
        "connect-src": ["'self'", *sockets, *ports],
        "frame-src": ["'self'", *(one for one in ports if one.startswith("http"))],
        "worker-src": ["'self'", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'self'"],
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in parts.items()).encode("latin-1")


def _loopback_ports() -> list[str]:
    names = ("127.0.0.1", "localhost", "*.localhost")
    return [f"{scheme}://{name}:*" for scheme in ("http", "ws") for name in names]


class SecurityHeaders:
    """ASGI middleware around the whole app."""

    def __init__(self, app: ASGIApp, scripts: tuple[str, ...] = ()) -> None:
        """`scripts`: sources of scripts that pages may use besides their own."""
        self._app, self._scripts = app, scripts

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] == "http":
            send = _Headed(send, scope, self._scripts)
        return self._app(scope, receive, send)


class _Headed:
    """A `send` that adds headers to the first message. No coroutine of its own: a stream calls it for each token."""

    __slots__ = ("_scope", "_scripts", "_send")

    def __init__(self, send: Send, scope: Scope, scripts: tuple[str, ...]) -> None:
        self._send, self._scope, self._scripts = send, scope, scripts

    def __call__(self, message: Message) -> Awaitable[None]:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *self._missing(message)]}
        return self._send(message)

    def _missing(self, message: Message) -> list[tuple[bytes, bytes]]:
        headers: dict[bytes, bytes] = {name.lower(): value for name, value in message.get("headers", ())}
        added = [(name, value) for name, value in ALWAYS if name not in headers]
        # A browser gives the headers of "not modified" to what it has kept, and that has its policy already.
        if POLICY not in headers and message["status"] != 304:
            is_page = headers.get(b"content-type", b"").startswith(b"text/html")
            added.append(
                (
                    POLICY,
                    page_policy(Headers(scope=self._scope).get("host", "").lower(), self._scripts) if is_page else DATA,
                )
            )
            added.append((b"x-frame-options", b"SAMEORIGIN" if is_page else b"DENY"))  # for browsers without policies
        return added
