"""Parses a client's HTTP/1.1 request, and converts it to HTTP/2."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from http import HTTPStatus

Headers = list[tuple[str, str]]
PHRASES = {str(int(status)): status.phrase for status in HTTPStatus}
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""RFC 6455, section 1.3."""
HOP = {"connection", "upgrade", "sec-websocket-key", "host", "transfer-encoding", "keep-alive"}
"""Headers that concern one HTTP/1.1 connection only: an extended CONNECT has none of them (RFC 8441, section 5)."""


@dataclass(frozen=True)
class Asked:
    """A request as the client sent it."""

    raw: bytes
    method: str
    target: str
    headers: Headers

    @property
    def key(self) -> str | None:
        """Return the WebSocket key of an upgrade request; None for other requests."""
        return dict(self.headers).get("sec-websocket-key")

    @classmethod
    def parse(cls, raw: bytes) -> Asked:
        """Parse headers that end in an empty line. Only our own clients send them, so they are well formed."""
        first, *lines = raw.decode("latin-1").rstrip("\r\n").split("\r\n")
        method, target, _ = first.split(" ")
        pairs = (line.partition(":") for line in lines)
        return cls(raw, method, target, [(name.strip().lower(), value.strip()) for name, _, value in pairs])

    def answered(self, headers: Headers) -> bytes:
        """Encode the response headers in HTTP/1.1. A WebSocket's 200 becomes 101 with Sec-WebSocket-Accept."""
        status = next(value for name, value in headers if name == ":status")
        told = [(name, value) for name, value in headers if not name.startswith(":") and name not in HOP]
        if self.key and status == "200":
            accept = base64.b64encode(hashlib.sha1(self.key.encode() + GUID).digest()).decode()
            told = [(name, value) for name, value in told if name != "sec-websocket-accept"]
            status = "101"
            told += [("upgrade", "websocket"), ("connection", "upgrade"), ("sec-websocket-accept", accept)]
        else:
            told.append(("connection", "close"))
        lines = [f"HTTP/1.1 {status} {PHRASES.get(status, '')}", *(f"{name}: {value}" for name, value in told)]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def as_http2(self) -> Headers:
        """Return the HTTP/2 headers, pseudo-headers first."""
        method, kind = ("CONNECT", [(":protocol", "websocket")]) if self.key else (self.method, [])
        host = dict(self.headers).get("host", "localhost")
        path = [(":scheme", "https"), (":authority", host), (":path", self.target)]
        return [(":method", method), *kind, *path, *(pair for pair in self.headers if pair[0] not in HOP)]
