"""What to ask of a user's own endpoint: address, method, headers, body and bounds."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Self
from urllib.parse import urlsplit

from demos.probe.budget import OWN_S

MOST_REQUESTS = 4
LARGEST_BODY = 1_000_000
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
OURS = frozenset(
    ("accept-encoding", "connection", "content-length", "host", "last-event-id", "transfer-encoding", "upgrade")
)
"""Headers that the probe sets itself."""


class NotAllowed(ValueError):
    """The request cannot be made; the message says what is allowed."""


@dataclass(frozen=True)
class OwnRequest:
    """A request to a user's own stream."""

    url: str
    method: Literal["GET", "POST"] = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    seconds: float = OWN_S

    @property
    def is_websocket(self) -> bool:
        return self.url.startswith(("ws://", "wss://"))

    @classmethod
    def read(cls, url: str, body: str | None, headers: Sequence[str], seconds: float = OWN_S) -> Self:
        """Read what stands on the command line. A body makes it a POST; over a WebSocket it is the first message.

        Raises:
            NotAllowed: the address or a header cannot be used, or the body is too large.
        """
        try:
            parts = urlsplit(url)
            usable = parts.scheme in ("http", "https", "ws", "wss") and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            usable = False
        if not usable or "@" in parts.netloc or not url.isprintable() or " " in url:
            raise NotAllowed(f"{url[:200]!r} cannot be read. Allowed: http, https, ws, wss, without a name or a space")
        if body is not None and len(body.encode()) > LARGEST_BODY:
            raise NotAllowed(f"the body has more than {LARGEST_BODY} bytes")
        given = dict(_header(text) for text in headers)
        method: Literal["GET", "POST"] = "GET" if body is None else "POST"
        return cls(parts._replace(fragment="").geturl(), method, given, body or "", seconds)


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    name, value = name.strip(), value.strip()
    if not colon or not _NAME.fullmatch(name) or not value.isprintable() or not value.isascii():
        raise NotAllowed(f"the header {text[:80]!r} cannot be sent. Allowed: 'Name: value', printable ASCII")
    if name.lower() in OURS:
        raise NotAllowed(f"the header {name} is set by the probe. Allowed: any but {', '.join(sorted(OURS))}")
    return name, value
