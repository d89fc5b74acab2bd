"""ASGI middleware that bounds requests before anybody reads them: heads, and the bodies and sockets of pages.

What is under /api bounds its bodies itself, each by its own limit.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from demos.connections.access import deny, is_api, refused
from demos.connections.responses import client
from demos.limits import Limits
from demos.protocol.errors import Refusal, body_too_large, body_too_slow
from demos.threads.shares import Share

UPLOAD_PERIOD_S = 600.0


class RequestBounds:
    """ASGI middleware around the whole app."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app, self._limits = app, limits
        self._pages = Share(limits, "pages", "open pages", retry_s=10)
        self._uploads = Share(limits, "uploads", "uploads under way", retry_s=5)
        self._uploaded = Uploaded(limits)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] not in ("http", "websocket"):
            return self._app(scope, receive, send)
        if refusal := self._head(scope):
            return self._refuse(refusal, scope, receive, send)
        if is_api(scope["path"]):
            return self._app(scope, receive, send)
        return self._pages_and_uploads(scope, receive, send)

    def _head(self, scope: Scope) -> Refusal | None:
        most = self._limits.head_bytes
        address = len(scope.get("raw_path") or b"") + len(scope["query_string"])
        if address > most:
            return Refusal(414, "too_large", f"The address of this request has {address} bytes. Allowed: {most}.")
        size = sum(len(name) + len(value) + 4 for name, value in scope["headers"])
        if size > most:
            return Refusal(431, "too_large", f"The headers of this request have {size} bytes. Allowed: {most}.")
        return None

    async def _pages_and_uploads(self, scope: Scope, receive: Receive, send: Send) -> None:
        share = self._pages if scope["type"] == "websocket" else self._uploads if _has_body(scope) else None
        if share is None:
            await self._app(scope, receive, send)
            return
        try:
            with share.hold(address := client(HTTPConnection(scope))):
                if scope["type"] == "websocket":
                    await self._app(scope, receive, send)
                else:
                    self._uploaded.check(address)
                    self._uploaded.add(address, await self._with_body(scope, receive, send))
        except Refusal as refusal:
            await self._refuse(refusal, scope, receive, send)

    async def _with_body(self, scope: Scope, receive: Receive, send: Send) -> int:
        """Call the app with a bounded body. Once it is too large or too late, the app's answer is not sent.

        Returns the body's bytes.
        """
        body = _Body(receive, send, self._limits)
        body.check(_length(scope))
        try:
            await self._app(scope, body.receive, body.send)
        except Exception:
            if body.refusal is None or body.began:
                raise
        if body.refusal is not None and not body.began:
            raise body.refusal
        return body.size

    async def _refuse(self, refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await deny(refusal, scope, receive, send)
        else:
            # What is left of the body would be read as the next request.
            await refused(refusal, {"Connection": "close"})(scope, receive, send)


class Uploaded:
    """What pages have uploaded lately. Streamlit keeps it in memory, at times for longer than the page is open."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits, self._clock = limits, clock
        self._lately: deque[tuple[float, str, int]] = deque()
        self._bytes: Counter[str] = Counter()

    def check(self, address: str) -> None:
        """Raises Refusal: this address, or all, have uploaded too much."""
        while self._lately and self._clock() - self._lately[0][0] > UPLOAD_PERIOD_S:
            _, other, size = self._lately.popleft()
            self._bytes[other] -= size
        for status, most, name, used in (
            (429, self._limits.client_upload_bytes, "CLIENT_UPLOAD_BYTES", self._bytes[address]),
            (503, self._limits.upload_bytes, "UPLOAD_BYTES", self._bytes.total()),
        ):
            if used >= most:
                said = f"{used} bytes were uploaded lately. Allowed: {most} in ten minutes (STREAMWISE_MAX_{name})."
                raise Refusal(status, "too_many_uploads", said, 60)

    def add(self, address: str, size: int) -> None:
        self._lately.append((self._clock(), address, size))
        self._bytes[address] += size


class _Body:
    """A request's body, counted and timed as it is read."""

    def __init__(self, receive: Receive, send: Send, limits: Limits) -> None:
        self._receive, self._send, self._limits = receive, send, limits
        self._ends = asyncio.get_running_loop().time() + limits.body_seconds
        self.size = 0
        self._whole = False
        self.refusal: Refusal | None = None
        self.began = False
        """Whether the app's answer is on its way."""

    def check(self, size: int) -> None:
        """Raises Refusal: the body is, or will be, larger than allowed."""
        if size > (most := self._limits.body_bytes):
            self.refusal = body_too_large(most)
            raise self.refusal

    async def receive(self) -> Message:
        if self._whole:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._ends):
                message = await self._receive()
        except TimeoutError:
            self.refusal = body_too_slow(self._limits.body_seconds)
            raise self.refusal from None
        self.size += len(message.get("body", b""))
        self._whole = not message.get("more_body", False)
        self.check(self.size)
        return message

    async def send(self, message: Message) -> None:
        if self.refusal is None or self.began:
            self.began = True
            await self._send(message)


def _has_body(scope: Scope) -> bool:
    return "transfer-encoding" in Headers(scope=scope) or _length(scope) > 0


def _length(scope: Scope) -> int:
    found = Headers(scope=scope).get("content-length", "")
    return int(found) if found.isdigit() else 0
