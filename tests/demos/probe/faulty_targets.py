"""The Starlette target with one fault of an application around it, for uvicorn: `faulty_targets:NAME`."""

from __future__ import annotations

import sys
import zlib
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send

sys.path.insert(0, str(Path(__file__).parents[3] / "guide" / "knowledge" / "probe"))
from target_starlette import app  # type: ignore[import-not-found]


class HeadWithBody:
    """Sends the head of a response with the first piece of its body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kept: list[Message] = []

        async def late(message: Message) -> None:
            kept.append(message)
            if message["type"] != "http.response.start":
                for each in kept:
                    await send(each)
                kept.clear()

        await self._app(scope, receive, late if scope["type"] == "http" else send)


class WithHeader:
    """Changes a header of event streams."""

    def __init__(self, app: ASGIApp, name: bytes, value: bytes) -> None:
        self._app, self._name, self._value = app, name, value

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def changed(message: Message) -> None:
            headers = dict(message.get("headers", ()))
            if b"event-stream" in headers.get(b"content-type", b""):
                message = {**message, "headers": [*{**headers, self._name: self._value}.items()]}
            await send(message)

        await self._app(scope, receive, changed)


class Compressed:
    """Compresses event streams, and flushes at the end only: what an application's own middleware does."""

    def __init__(self, app: ASGIApp, coding: bytes, bits: int) -> None:
        self._app, self._coding, self._bits = app, coding, bits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        packed = zlib.compressobj(wbits=self._bits)
        is_stream, asked = False, self._coding in dict(scope.get("headers", ())).get(b"accept-encoding", b"")

        async def pack(message: Message) -> None:
            nonlocal is_stream
            if message["type"] == "http.response.start":
                is_stream = b"event-stream" in dict(message["headers"]).get(b"content-type", b"")
                coding = [(b"content-encoding", self._coding)] if is_stream else []
                message = {**message, "headers": [*message["headers"], *coding]}
            elif is_stream:
                body = packed.compress(message.get("body", b""))
                message = {**message, "body": body if message.get("more_body") else body + packed.flush()}
            await send(message)

        await self._app(scope, receive, pack if scope["type"] == "http" and asked else send)


head_with_body = HeadWithBody(app)
latin = WithHeader(app, b"content-type", b"text/event-stream; charset=ISO-8859-1")
utf_sixteen = WithHeader(app, b"content-type", b'text/event-stream; charset="utf-16"')
utf_eight = WithHeader(app, b"content-type", b'text/event-stream;charset="UTF-8"')
plain_text = WithHeader(app, b"content-type", b"text/plain; charset=utf-8")
gzipped = Compressed(app, b"gzip", 31)
deflated = Compressed(app, b"deflate", 15)
gunicorn = WithHeader(app, b"server", b"gunicorn")
aged = WithHeader(app, b"age", b"30")
