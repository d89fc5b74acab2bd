"""The demo server's routes: one run, and two views of its log. The event stream first, the WebSocket below it.

`routes()` and `lifespan` go into `st.App`, or into any Starlette application; the process has one `Backend`.
"""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route, Router, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from demos.backend import Backend
from demos.carriers import EventStream, client, close, end, sse_frames
from demos.classics import Classics
from demos.conversation import Conversation
from demos.gate import Gate, refused
from demos.refusal import Refusal
from demos.rest import Rest, body, endpoint
from demos.streams import Reader
from demos.subscriptions import Subscriptions


class Streams:
    """The two endpoints that carry a thread's events."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._subscriptions = Subscriptions(backend.threads, backend.heartbeat_s)

    # --- event stream: events here; commands come by POST, on other connections ---

    async def sse_get(self, request: Request) -> Response:
        """For EventSource: everything in the URL; a reconnect brings Last-Event-ID, which wins.

        `ids=0`: no ids. `comments=1`: heartbeats as comments, which a page cannot see.
        """
        thread_id, params = request.path_params["thread_id"], asked(request)
        came_back = request.headers.get("last-event-id")
        reader = self._subscriptions.reader(thread_id, params | ({"since": came_back} if came_back else {}))
        run = self._backend.threads.get(thread_id).run
        if came_back and run and run.ended and reader.behind == 0:
            return Response(status_code=204)  # the one answer after which EventSource does not come back
        ids, seen = request.query_params.get("ids") != "0", request.query_params.get("comments") != "1"
        return self._event_stream(request, reader, to_page=seen, ids=ids)

    async def sse_post(self, request: Request) -> Response:
        """For clients that can POST: the body is that of a subscription."""
        thread_id = request.path_params["thread_id"]
        reader = self._subscriptions.reader(thread_id, await body(request, self._backend.limits.command_bytes))
        return self._event_stream(request, reader, to_page=False)

    def _event_stream(self, request: Request, reader: Reader, to_page: bool, ids: bool = True) -> Response:
        frames = sse_frames(reader, self._backend.tally, to_page, ids)
        return EventStream(self._backend.lines, frames, client(request), request.path_params["thread_id"])

    # --- WebSocket: events and commands on one connection ---

    async def websocket(self, websocket: WebSocket) -> None:
        """Frames in: commands and subscriptions. Frames out: their replies, and events."""
        backend, thread_id = self._backend, websocket.path_params["thread_id"]
        await websocket.accept()
        try:
            with backend.lines.open("websocket", client(websocket), thread_id) as line:
                params = asked(websocket) if "channels" in websocket.query_params else None
                reader = self._subscriptions.reader(thread_id, params) if params else None
                talk = Conversation(websocket, line, backend, self._subscriptions)
                await talk.hold(reader)
            await end(line, websocket)
        except Refusal as refusal:
            await close(websocket, refusal.close_code, refusal.message)


def asked(connection: HTTPConnection) -> dict[str, Any]:
    """A subscription from the URL: `?channels=messages,lifecycle&since=12&heartbeat_ms=500`."""
    given = connection.query_params
    channels = given.get("channels", "messages,lifecycle,input,tools")
    return {"channels": channels.split(","), "since": given.get("since"), "heartbeat_ms": given.get("heartbeat_ms")}


async def not_found(request: Request) -> Response:
    """Without this, Streamlit would answer with its own page, and status 200."""
    return refused(Refusal(404, "not_found", f"There is nothing at {request.url.path[:100]!r}. See /api/health."))


def api(backend: Backend) -> ASGIApp:
    """Everything under /api."""
    streams, here = Streams(backend), list[BaseRoute]()
    # The protocol's documents say /stream, its SDK and its server say /stream/events.
    for path in ("/threads/{thread_id}/stream/events", "/threads/{thread_id}/stream"):
        here.append(Route(path, endpoint(streams.sse_post), methods=["POST"]))
        here.append(WebSocketRoute(path, streams.websocket))
    here.append(Route("/threads/{thread_id}/stream/events", endpoint(streams.sse_get), methods=["GET"]))
    here += [*Rest(backend).routes(), *Classics(backend).routes()]
    here.append(Route("/{path:path}", not_found, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]))
    router = Router(here, redirect_slashes=False)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope["streamwise.receive"] = receive  # WebSocket wraps it, and a reset needs the server's own
        await router(scope, receive, send)

    return Gate(app, backend.hosts)


@functools.cache
def backend() -> Backend:
    """The one backend of this process, configured from the environment."""
    return Backend.from_environment()


def routes(serving: Backend | None = None) -> list[BaseRoute]:
    """The demos' routes, for `st.App(routes=...)` or `Starlette(routes=...)`."""
    return [Mount("/api", app=api(serving or backend()))]


@asynccontextmanager
async def lifespan(app: object) -> AsyncIterator[dict[str, Any]]:
    """Start and end of the demos, for `st.App(lifespan=...)` or `Starlette(lifespan=...)`."""
    async with backend().lifespan():
        yield {}
