"""The two endpoints of a typical tutorial: a query in, tokens out. No log, so nothing can be resumed.

GET /api/stream?query=...   text/event-stream: each token as `data: "token"`, then `data: [DONE]`
WS  /api/ws                 a query in; {"token": ...} frames out, then {"done": true}; "stop" stops
They show what tutorials leave out: with a lost connection, the answer is lost. Only the scripted model answers,
since any page can send a plain GET with an <img>.
"""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from collections.abc import AsyncGenerator
from contextlib import ExitStack, aclosing, suppress

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import Receive
from starlette.websockets import WebSocket, WebSocketDisconnect

from demos.connections.open_streams import OpenStream
from demos.connections.responses import EventStream, Socket, client, close, end
from demos.connections.tcp import peer_of
from demos.protocol import sse
from demos.protocol.errors import Refusal, invalid
from demos.protocol.events import encode
from demos.protocol.run_options import Settings
from demos.server.backend import Backend
from demos.server.endpoints import endpoint

logger = logging.getLogger(__name__)

FAILED = 1011
"""Close code "internal error"."""


class Tutorial:
    """Both endpoints, on the same graph as the other demos, always with the scripted model."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def routes(self) -> list[BaseRoute]:
        return [Route("/stream", endpoint(self.sse), methods=["GET"]), WebSocketRoute("/ws", Socket(self.websocket))]

    async def _tokens(self, query: str) -> AsyncGenerator[str, None]:
        agent = await self._backend.agent()
        thread = str(uuid.uuid4())
        try:
            async with asyncio.timeout(self._backend.limits.run_seconds):
                async with aclosing(agent.tokens(thread, query, Settings())) as tokens:
                    async for token in tokens:
                        yield token
        finally:
            await agent.forget(thread)

    # --- event stream ---

    async def sse(self, request: Request) -> Response:
        query = request.query_params.get("query", "")
        if not query.strip():
            raise invalid("The query is missing. Allowed: GET /api/stream?query=a+question")
        if len(query) > self._backend.limits.query_chars:
            limit = self._backend.limits.query_chars
            raise Refusal(414, "too_large", f"The query has {len(query)} characters. Allowed: {limit}.")
        during = self._backend.threads.answer(client(request))
        return EventStream(self._backend.streams, self._frames(query), client(request), during=during)

    async def _frames(self, query: str) -> AsyncGenerator[bytes, None]:
        async with aclosing(self._tokens(query)) as tokens:
            async for token in tokens:
                yield sse.encode(encode(token))
        yield sse.encode("[DONE]")

    # --- WebSocket ---

    async def websocket(self, websocket: WebSocket, receive: Receive) -> None:
        await websocket.accept()
        peer, limits = peer_of(receive), self._backend.limits
        try:
            with self._backend.streams.open("websocket", client(websocket), peer=peer) as stream:
                await self._converse(websocket, stream)
            await end(stream, websocket, receive, limits)
        except Refusal as refusal:
            await close(websocket, receive, refusal.close_code, refusal.message, limits)

    async def _converse(self, websocket: WebSocket, stream: OpenStream) -> None:
        """Read also while an answer is being sent; otherwise a stop would be read only after the last token."""
        answer: asyncio.Task[None] | None = None
        try:
            while True:
                message = await websocket.receive()
                if message["type"] == "websocket.disconnect":
                    stream.mark_client_gone()
                    return
                query = self._query(message.get("text"))
                if query is None or answer is not None:
                    await _stopped(answer)
                    answer = None
                if query is None:
                    await stream.write(websocket.send_text(encode({"done": True, "stopped": True})))
                else:
                    answer = self._begin(websocket, stream, query)
        except (WebSocketDisconnect, RuntimeError):  # the peer left, or the socket was closed after a failed answer
            stream.mark_client_gone()
        finally:
            await _stopped(answer)

    def _begin(self, websocket: WebSocket, stream: OpenStream, query: str) -> asyncio.Task[None]:
        """Start a task that answers the query.

        Raises:
            Refusal: too many runs are being written.
        """
        with ExitStack() as counted:
            counted.enter_context(self._backend.threads.answer(client(websocket)))
            answer = asyncio.create_task(self._answer(websocket, stream, query))
            until_done = counted.pop_all()
        answer.add_done_callback(lambda _: until_done.close())
        return answer

    async def _answer(self, websocket: WebSocket, stream: OpenStream, query: str) -> None:
        try:
            async with aclosing(self._tokens(query)) as tokens:
                async for token in tokens:
                    await stream.write(websocket.send_text(encode({"token": token})))
            await stream.write(websocket.send_text(encode({"done": True})))
        except WebSocketDisconnect:
            pass  # the reading side handles this
        except Exception as error:
            await self._failed(websocket, error)

    async def _failed(self, websocket: WebSocket, error: Exception) -> None:
        """Close the socket with the reason, so that the client does not wait for more tokens."""
        limit, late = self._backend.limits.run_seconds, isinstance(error, TimeoutError)
        why = f"ended after {limit} s, which is the limit here." if late else "broken off by an error of the server."
        with suppress(WebSocketDisconnect, RuntimeError):  # the peer had left; that was the error
            await websocket.close(FAILED, f"The answer was {why}")
            if not late:
                logger.error("an answer failed", exc_info=error)

    def _query(self, text: str | None) -> str | None:
        """Return the question of a frame; None for a stop.

        Raises:
            Refusal: not text, too long, or neither a query nor a stop.
        """
        if text is None:
            raise Refusal(415, "not_text", "This socket takes text frames; a binary frame came.")
        if len(text) > (most := self._backend.limits.command_bytes):
            raise Refusal(413, "too_large", f"The frame has {len(text)} characters. Allowed: {most}.")
        try:
            frame = json.loads(text)
        except (ValueError, RecursionError):
            frame = text
        if text == "stop" or (isinstance(frame, dict) and frame.get("type") == "stop"):
            return None
        query = frame.get("query") if isinstance(frame, dict) else text
        if not isinstance(query, str) or not query.strip():
            raise invalid('Send a question as text, {"query": "..."}, or {"type": "stop"}.')
        return self._backend.commands.question(query)


async def _stopped(answer: asyncio.Task[None] | None) -> None:
    if answer is not None:
        answer.cancel()
        await asyncio.wait([answer])
