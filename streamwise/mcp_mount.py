"""Serves the MCP server over streamable HTTP at /mcp, on the app's own port. Without the package `mcp` it says so.

It is loaded when the first client comes: the package takes a second, and most visitors never ask for it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from importlib.util import find_spec

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from demos.connections.access import refused
from demos.connections.responses import client
from demos.protocol.errors import Refusal
from demos.server.endpoints import raw_body
from streamwise.advice import Advice

MISSING = Refusal(
    501, "not_installed", "The MCP server needs the package mcp: pip install -r requirements/mcp.txt, then start again."
)
ONLY_POST = Refusal(405, "wrong_method", "The MCP server has no sessions: it takes POST alone.")


class McpMount:
    """ASGI application. It runs only while `lifespan` does."""

    def __init__(self, advice: Advice, path: str) -> None:
        """`path`: where it is served, whole."""
        self._advice, self._path = advice, path
        self._wanted = asyncio.Event()
        self._ready: asyncio.Future[ASGIApp] | None = None

    @contextlib.asynccontextmanager
    async def lifespan(self) -> AsyncIterator[None]:
        """Begins and ends what serves the clients, in one task as the library asks for."""
        self._ready = asyncio.get_running_loop().create_future()
        serving = asyncio.create_task(self._serve(self._ready))
        try:
            yield
        finally:
            serving.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await serving

    async def _serve(self, ready: asyncio.Future[ASGIApp]) -> None:
        await self._wanted.wait()
        try:
            from streamwise.tools import http_app

            app, running = await asyncio.to_thread(http_app, self._advice, self._path)
            async with running():
                ready.set_result(app)
                await asyncio.Event().wait()  # until it is cancelled
        except Exception as error:  # whoever asks is told, and the app goes on
            if not ready.done():
                ready.set_exception(error)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST":  # without sessions there is no stream from the server, and nothing to end
            return await refused(ONLY_POST, {"Allow": "POST"})(scope, receive, send)
        if find_spec("mcp") is None:
            return await refused(MISSING)(scope, receive, send)
        assert self._ready is not None, "a request before the lifespan began"
        self._wanted.set()
        try:
            request = Request(scope, receive)
            with self._advice.share.hold(client(request)):
                body = await raw_body(request, self._advice.limits)  # in time, and no larger than a command
                app = await asyncio.shield(self._ready)
                await app(scope, _replay(body, receive), send)
        except Refusal as refusal:
            # What is left of the body would be read as the next request.
            await refused(refusal, {"Connection": "close"})(scope, receive, send)
        except ClientDisconnect:
            pass


def _replay(body: bytes, receive: Receive) -> Receive:
    """A body that was read already, and then whatever comes."""
    left: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return left.pop() if left else await receive()

    return again
