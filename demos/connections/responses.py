"""Writes one reader's events to the wire: bytes of an event stream above, WebSocket frames below, in the same shape.

`OpenStreams` admits both, and can cut both: cleanly, or by a reset in mid-stream.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator
from contextlib import AbstractContextManager, aclosing, nullcontext

from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from demos.connections.access import refused
from demos.connections.open_streams import CutReason, OpenStream, OpenStreams
from demos.connections.tcp import abort, abort_later, peer_of
from demos.limits import Limits
from demos.protocol import sse
from demos.protocol.errors import Refusal
from demos.protocol.events import PING, PING_COMMENT, PING_SSE, TOKEN_MARK, Event
from demos.threads.callers import NOBODY, Caller, key_from
from demos.threads.counters import Counters
from demos.threads.reader import Failure, Ping, Reader

RETRY_MS = 1000
HEADERS = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}
RESTARTING = 1012
"""Close code "service restart": clients reconnect, as they would not after 1000 or 1001."""
TOO_SLOW = 4408
"""Our own close code: the client did not read."""
DOWN_S = 0.5
"""Seconds for sending a close frame while the process shuts down."""
PIECE_BYTES = 65_536
"""Batches are written in pieces of about this size, so that only one piece waits for a slow reader."""


class EventStream(Response):
    """A response that streams frames until they end, the client leaves, or the stream is cut."""

    media_type = sse.CONTENT_TYPE

    def __init__(
        self,
        streams: OpenStreams,
        frames: AsyncGenerator[bytes, None],
        client: str,
        thread_id: str = "",
        during: AbstractContextManager[None] | None = None,
    ) -> None:
        """`during`: entered before the response begins, so that it can refuse; left after the last frame."""
        super().__init__(headers=HEADERS)
        # An answer of unknown length has no Content-Length.
        del self.headers["content-length"]
        self._streams, self._frames = streams, frames
        self._client, self._thread_id = client, thread_id
        self._during = during or nullcontext()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "HEAD":  # the stream would stay open without a use
            await Response(headers=HEADERS, media_type=self.media_type)(scope, receive, send)
            return
        try:
            with self._streams.open("sse", self._client, self._thread_id, peer_of(receive)) as stream, self._during:
                await self._write_frames(stream, receive, send)
        except Refusal as refusal:
            await refused(refusal)(scope, receive, send)
            return
        except TimeoutError:  # what was asked for took longer than anything may here
            await abort(receive)
            return
        if stream.cut_by is CutReason.GONE:
            return
        if stream.cut_by in (None, CutReason.CLEAN):
            try:
                async with asyncio.timeout(self._streams.limits.close_seconds):
                    await send({"type": "http.response.body", "body": b"", "more_body": False})
                return
            except TimeoutError:
                pass  # the client never read that far
        await abort(receive)  # a clean end would read as a finished answer

    async def _write_frames(self, stream: OpenStream, receive: Receive, send: Send) -> None:
        watch = asyncio.create_task(_until_gone(stream, receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await stream.write(
                send({"type": "http.response.body", "body": sse.encode_retry(RETRY_MS), "more_body": True})
            )
            async with aclosing(self._frames) as frames:
                async for frame in frames:
                    await stream.write(send({"type": "http.response.body", "body": frame, "more_body": True}))
                    if stream.wrote is not None:
                        stream.wrote(frame.count(TOKEN_MARK))
        finally:
            watch.cancel()


async def sse_frames(
    reader: Reader, counters: Counters, to_page: bool, ids: bool = True
) -> AsyncGenerator[bytes, None]:
    """Encode a reader's events as an event stream. Heartbeats are events for a page, since it cannot see comments.

    `ids=False` simulates a server without event ids: a browser that reconnects then cannot name its position.
    """
    ping = PING_SSE if to_page else PING_COMMENT
    async with aclosing(aiter(reader)) as batches:
        async for batch in batches:
            counters.sent_events["sse"] += sum(isinstance(item, Event) for item in batch)
            for piece in _pieces(_frame(item, ping, ids) for item in batch):
                counters.sent_bytes["sse"] += len(piece)
                yield piece


def _pieces(frames: Iterable[bytes]) -> Iterator[bytes]:
    """Join frames to few pieces, none much larger than `PIECE_BYTES`."""
    piece = bytearray()
    for frame in frames:
        piece += frame
        if len(piece) >= PIECE_BYTES:
            yield bytes(piece)
            piece.clear()
    if piece:
        yield bytes(piece)


def _frame(item: Event | Failure | Ping, ping: bytes, ids: bool) -> bytes:
    match item:
        case Event():
            return item.frame if ids else item.frame.partition(b"\n")[2]
        case Failure():
            # Without an id, so that it changes no client's position; "error" is an event of EventSource itself.
            return sse.encode(item.text, event="failure")
        case _:
            return ping


async def send_frames(reader: Reader, websocket: WebSocket, stream: OpenStream, counters: Counters) -> None:
    """Send a reader's events as text frames, one event per frame."""
    async with aclosing(aiter(reader)) as batches:
        async for batch in batches:
            for item in batch:
                if isinstance(item, Event):
                    counters.sent_events["websocket"] += 1
                    counters.sent_bytes["websocket"] += item.size
                await stream.write(websocket.send_text(PING if isinstance(item, Ping) else item.text))
                if stream.wrote is not None and isinstance(item, Event):
                    stream.wrote(item.frame.count(TOKEN_MARK))


class Socket:
    """A WebSocket endpoint as plain ASGI. Starlette's own class adds exception handling that we do not need: it costs a
    kilobyte per socket, and hides the server's `receive`, which a reset needs."""

    def __init__(self, serve: Callable[[WebSocket, Receive], Awaitable[None]]) -> None:
        self._serve = serve

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._serve(WebSocket(scope, receive, send), receive)


async def end(stream: OpenStream, websocket: WebSocket, receive: Receive, limits: Limits) -> None:
    """End a WebSocket in the way its stream was cut. `receive`: the server's own function."""
    match stream.cut_by:
        case CutReason.RESET:
            await abort(receive)
        case CutReason.CLEAN | CutReason.SHUTDOWN:
            reason = "The server ends this connection. Reconnect, and resume with since."
            going_down = stream.cut_by is CutReason.SHUTDOWN  # the process waits for this
            await close(websocket, receive, RESTARTING, reason, limits, DOWN_S if going_down else None)
        case CutReason.SLOW:
            reason = f"Nothing was read here for {limits.write_seconds} s, the limit. Reconnect, and resume with since."
            await close(websocket, receive, TOO_SLOW, reason, limits)


async def close(
    websocket: WebSocket, receive: Receive, code: int, reason: str, limits: Limits, seconds: float | None = None
) -> None:
    """Close with a reason, shortened to the 123 bytes that fit into a close frame (RFC 6455, section 5.5).

    If the peer does not read within `seconds`, or `limits.close_seconds`, its connection is reset.
    """
    try:
        async with asyncio.timeout(limits.close_seconds if seconds is None else seconds):
            await websocket.close(code, reason.encode()[:123].decode(errors="ignore"))
    except TimeoutError:
        await abort(receive)
    except (RuntimeError, WebSocketDisconnect):
        pass  # the peer closed first
    else:
        abort_later(receive, limits.write_seconds)


def client(connection: HTTPConnection) -> str:
    """Return the client's address, by which its streams are counted; NOBODY if unknown."""
    return connection.client.host if connection.client else NOBODY


def caller(connection: HTTPConnection) -> Caller:
    """Return who asks: the address, and the key of a thread if the request has one."""
    return Caller(client(connection), key_from(connection.headers.get("authorization")))


async def _until_gone(stream: OpenStream, receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.cut(CutReason.GONE)
