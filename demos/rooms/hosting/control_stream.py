"""Sends a control stream. It counts apart from the lab's streams, so that these can never lock the presenter out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from demos.connections.tcp import abort
from demos.limits import Limits
from demos.protocol import sse


class ControlStream(Response):
    """An event stream that ends with its frames, when the client leaves, or when it takes nothing any more."""

    media_type = sse.CONTENT_TYPE

    def __init__(self, frames: AsyncGenerator[bytes, None], limits: Limits, headers: Mapping[str, str]) -> None:
        super().__init__(headers=dict(headers))
        del self.headers["content-length"]
        self._frames, self._limits = frames, limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sending = asyncio.ensure_future(self._send(send))
        leaving = asyncio.ensure_future(_until_gone(receive))
        try:
            await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            sending.cancel()
            leaving.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)
        if not sending.cancelled() and isinstance(sending.exception(), TimeoutError):
            await abort(receive)  # it takes nothing: the page comes back by itself when it can

    async def _send(self, send: Send) -> None:
        async with aclosing(self._frames) as frames:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            async for frame in frames:
                async with asyncio.timeout(self._limits.write_seconds):
                    await send({"type": "http.response.body", "body": frame, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
