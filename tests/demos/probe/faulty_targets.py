"""The Starlette target with one fault of an application around it, for uvicorn: `faulty_targets:NAME`."""

from __future__ import annotations

import sys
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


head_with_body = HeadWithBody(app)
latin = WithHeader(app, b"content-type", b"text/event-stream; charset=ISO-8859-1")
gunicorn = WithHeader(app, b"server", b"gunicorn")
aged = WithHeader(app, b"age", b"30")
