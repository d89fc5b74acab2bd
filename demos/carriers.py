"""Carries one reader's events over a connection: an event stream above, a WebSocket below, in the same shape.

Both are admitted by `Lines`, and both can be cut from outside: cleanly, or by a reset in mid-stream.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from demos import sse
from demos.events import PING, PING_COMMENT, PING_SSE, Event
from demos.gate import refused
from demos.lines import Cut, Line, Lines
from demos.refusal import Refusal
from demos.streams import Failure, Ping, Reader

RETRY_MS = 1000
HEADERS = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}
RESTARTING = 1012
"""Close code "service restart": clients reconnect, as they would not after 1000 or 1001."""


class EventStream(Response):
    """A response that streams frames until they end, the client leaves, or somebody cuts the line."""

    media_type = sse.CONTENT_TYPE

    def __init__(self, lines: Lines, frames: AsyncGenerator[bytes, None], client: str, thread_id: str = "") -> None:
        super().__init__(headers=HEADERS)
        # An answer of unknown length has no Content-Length.
        del self.headers["content-length"]
        self._lines, self._frames = lines, frames
        self._client, self._thread_id = client, thread_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            with self._lines.open("sse", self._client, self._thread_id) as line:
                await self._stream(line, receive, send)
        except Refusal as refusal:
            await refused(refusal)(scope, receive, send)
            return
        if line.cut_by in (Cut.RESET, Cut.SHUTDOWN):
            await abort(receive)
        elif line.cut_by is not Cut.GONE:
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _stream(self, line: Line, receive: Receive, send: Send) -> None:
        watch = asyncio.create_task(_until_gone(line, receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await send({"type": "http.response.body", "body": sse.encode_retry(RETRY_MS), "more_body": True})
            async with aclosing(self._frames) as frames:
                async for frame in frames:
                    await send({"type": "http.response.body", "body": frame, "more_body": True})
        finally:
            watch.cancel()


async def sse_frames(reader: Reader, to_page: bool) -> AsyncGenerator[bytes, None]:
    """A reader's events as an event stream, a batch in one piece. A page can see heartbeats only if they are events."""
    ping = PING_SSE if to_page else PING_COMMENT
    async for batch in reader:
        yield b"".join(_frame(item, ping) for item in batch)


def _frame(item: Event | Failure | Ping, ping: bytes) -> bytes:
    match item:
        case Event():
            return item.frame
        case Failure():
            # Without an id, so that it moves nobody's position; "error" would be EventSource's own word.
            return sse.encode(item.text, event="failure")
        case _:
            return ping


async def websocket_frames(reader: Reader) -> AsyncGenerator[str, None]:
    """A reader's events as text frames, one event each."""
    async for batch in reader:
        for item in batch:
            yield PING if isinstance(item, Ping) else item.text


async def end(line: Line, websocket: WebSocket) -> None:
    """End a WebSocket the way its line was cut."""
    if line.cut_by is Cut.RESET:
        await abort(websocket.scope["streamwise.receive"])
    elif line.cut_by in (Cut.CLEAN, Cut.SHUTDOWN):
        await close(websocket, RESTARTING, "The server ends this connection. Reconnect, and resume with since.")


async def close(websocket: WebSocket, code: int, reason: str) -> None:
    """Close with a reason, cut to the 123 bytes that a close frame has room for (RFC 6455, section 5.5)."""
    try:
        await websocket.close(code, reason.encode()[:123].decode(errors="ignore"))
    except (RuntimeError, WebSocketDisconnect):
        pass  # the peer was faster


def client(connection: HTTPConnection) -> str:
    """Whom a stream is counted against: the address at the other end of the connection."""
    return connection.client.host if connection.client else "?"


async def _until_gone(line: Line, receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    line.cut(Cut.GONE)


async def abort(receive: Receive) -> None:
    """Reset the connection under a response or a WebSocket: no last chunk, no close frame.

    ASGI has no word for this. `receive` is a method of uvicorn's connection, which holds the transport; once that is
    aborted, uvicorn takes the client for gone and logs nothing. Under another server the only way left is to fail.

    Raises:
        ConnectionAbortedError: the server does not let us reach its transport.
    """
    transport: Any = getattr(getattr(receive, "__self__", None), "transport", None)
    if transport is None:
        raise ConnectionAbortedError("this stream is cut on purpose, and the server gives no other way to do it")
    connection = transport.get_extra_info("socket")
    if connection is not None and connection.fileno() != -1:  # -1: the client was faster, and it is closed
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    while (await receive())["type"] not in ("http.disconnect", "websocket.disconnect"):
        pass
