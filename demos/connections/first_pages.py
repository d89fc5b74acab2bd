"""ASGI middleware that gives each page of the app its first response, and says where there is no page.

Streamlit answers every address that it does not know with its start page, and status 200.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Self

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ELSE = frozenset(("_stcore", "api", "app", "auth", "component", "media", "oauth2callback", "r", "R"))
"""What the path of everything that is no page begins with: Streamlit's, and ours. A file to download may be HTML."""
DEEPEST = 60


def nothing(up: str) -> str:
    return ""


@dataclass(frozen=True)
class Pages:
    """The first responses, as HTML."""

    pages: Mapping[str, str] = field(default_factory=dict)
    """By name in the address; '' is the start."""
    missing: Callable[[str], str] = nothing
    """Where there is none. Takes the way from there to the start, such as `../`."""
    base: str = ""
    """The path in front of all names."""
    start: str = ""
    """The start's own name, by which Streamlit does not know it."""


@dataclass(frozen=True)
class _Packed:
    """A page as it is sent. It is small, and asked for often: packed once."""

    plain: bytes
    packed: bytes
    tag: str

    @classmethod
    def of(cls, text: bytes) -> Self:
        return cls(text, gzip.compress(text), f'W/"{hashlib.sha256(text).hexdigest()[:32]}"')


class FirstPages:
    """ASGI middleware in front of Streamlit."""

    def __init__(self, app: ASGIApp, told: Pages) -> None:
        self._app, self._missing, self._start = app, told.missing, told.start
        self._base = f"/{told.base}" if told.base else ""
        self._pages = {name: _Packed.of(text.encode()) for name, text in told.pages.items()}

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            return self._app(scope, receive, send)
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        inside = path == self._base or path.startswith(f"{self._base}/")
        name = path.removeprefix(self._base).removeprefix("/")
        if self._base and path == self._base:  # without its last slash every address on the page would lead elsewhere
            return self._app(scope, receive, send)
        if inside and name and name == self._start:
            return RedirectResponse(f"./?{scope['query_string'].decode('latin-1')}".rstrip("?"))(scope, receive, send)
        if inside and name in self._pages:
            return self._answer(name, Headers(scope=scope))(scope, receive, send)
        if inside and name in ELSE:  # what is served lies below
            return self._nowhere(name)(scope, receive, send)
        if not inside or name.partition("/")[0] in ELSE:
            return self._app(scope, receive, send)
        return self._app(scope, receive, _Instead(send, lambda: self._nowhere(name)))

    def _answer(self, name: str, asked: Headers) -> Response:
        page = self._pages[name]
        headers = {"Cache-Control": "no-cache", "Vary": "Accept-Encoding", "ETag": page.tag}
        if page.tag in asked.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if takes_gzip(asked.get("accept-encoding", "")):
            return Response(page.packed, media_type="text/html", headers={**headers, "Content-Encoding": "gzip"})
        return Response(page.plain, media_type="text/html", headers=headers)

    def _nowhere(self, name: str) -> Response:
        up = "../" * min(name.count("/"), DEEPEST) or "./"
        return Response(self._missing(up), 404, media_type="text/html", headers={"Cache-Control": "no-cache"})


def takes_gzip(accepted: str) -> bool:
    """Whether gzip is wanted, by the header Accept-Encoding; a weight of 0 refuses."""
    weights = {name.strip().lower(): weight for name, _, weight in (one.partition(";") for one in accepted.split(","))}
    return "gzip" in weights and not re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", weights["gzip"])


class _Instead:
    """A `send` that puts another response in place of a page; everything else goes through."""

    __slots__ = ("_other", "_send", "_swapped")

    def __init__(self, send: Send, other: Callable[[], Response]) -> None:
        self._send, self._other, self._swapped = send, other, False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            kind = Headers(raw=message.get("headers", [])).get("content-type", "")
            self._swapped = message["status"] == 200 and kind.startswith("text/html")
            if self._swapped:
                other = self._other()
                await self._send({"type": message["type"], "status": other.status_code, "headers": other.raw_headers})
                await self._send({"type": "http.response.body", "body": other.body})
        if not self._swapped:
            await self._send(message)
