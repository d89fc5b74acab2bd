"""The demo server's routes: one run, and two views of its log. The event stream first, the WebSocket below it.

`routes()` and `lifespan` go into `st.App`, or into any Starlette application; the process has one `Backend`.
"""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from starlette.datastructures import QueryParams
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Mount, Route, Router, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from demos.broken_servers.naive import Traps
from demos.connections.access import Gate, refused
from demos.connections.responses import EventStream, Socket, client, close, end, sse_frames
from demos.connections.tcp import peer_of, prepare
from demos.lab.payload_api import Payloads
from demos.lab.queue_api import Headless
from demos.protocol.errors import Refusal
from demos.server import browser_modules
from demos.server.backend import Backend
from demos.server.endpoints import Rest, body, endpoint
from demos.server.tutorial import Classics
from demos.server.websocket import Conversation
from demos.threads.reader import Reader
from demos.threads.registry import as_kept
from demos.threads.subscriptions import Subscriptions


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
        thread_id, params = as_kept(request.path_params["thread_id"]), asked(request)
        came_back = request.headers.get("last-event-id")
        reader = self._subscriptions.reader(thread_id, params | ({"since": came_back} if came_back else {}))
        run = self._backend.threads.get(thread_id).run
        if came_back and run and run.ended and reader.behind == 0:
            return Response(status_code=204)  # the one answer after which EventSource does not come back
        ids, seen = request.query_params.get("ids") != "0", request.query_params.get("comments") != "1"
        return self._event_stream(request, thread_id, reader, to_page=seen, ids=ids)

    async def sse_post(self, request: Request) -> Response:
        """For clients that can POST: the body is that of a subscription."""
        thread_id = as_kept(request.path_params["thread_id"])
        reader = self._subscriptions.reader(thread_id, await body(request, self._backend.limits))
        return self._event_stream(request, thread_id, reader, to_page=False)

    def _event_stream(
        self, request: Request, thread_id: str, reader: Reader, to_page: bool, ids: bool = True
    ) -> Response:
        frames = sse_frames(reader, self._backend.tally, to_page, ids)
        return EventStream(self._backend.lines, frames, client(request), thread_id)

    # --- WebSocket: events and commands on one connection ---

    async def websocket(self, websocket: WebSocket, receive: Receive) -> None:
        """Frames in: commands and subscriptions. Frames out: their replies, and events."""
        backend, thread_id = self._backend, as_kept(websocket.path_params["thread_id"])
        await websocket.accept()
        try:
            with backend.lines.open("websocket", client(websocket), thread_id, peer_of(receive)) as line:
                named = "channels" in QueryParams(websocket.scope["query_string"])
                reader = self._subscriptions.reader(thread_id, asked(websocket)) if named else None
                talk = Conversation(websocket, line, backend, self._subscriptions)
                await talk.hold(reader)
            await end(line, websocket, receive, backend.limits)
        except Refusal as refusal:
            await close(websocket, receive, refusal.close_code, refusal.message, backend.limits)


def asked(connection: HTTPConnection) -> dict[str, Any]:
    """A subscription from the URL: `?channels=messages,lifecycle&since=12&heartbeat_ms=500`."""
    # Not `connection.query_params`: it would be kept for as long as the connection lives.
    query = QueryParams(connection.scope["query_string"])
    channels = query.get("channels", "messages,lifecycle,input,tools")
    return {"channels": channels.split(","), "since": query.get("since"), "heartbeat_ms": query.get("heartbeat_ms")}


class Nowhere:
    """What no route takes. Without this, Streamlit would answer with its own page, and status 200."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        here = [one for one in self._routes if isinstance(one, Route) and one.matches(scope)[0] is not Match.NONE]
        path = f"{scope['path'][:100]!r}"
        if here:
            allowed = ", ".join(sorted({method for route in here for method in route.methods or ()}))
            refusal = Refusal(405, "wrong_method", f"{path} does not take {scope['method'][:20]}. Allowed: {allowed}.")
            await refused(refusal, {"Allow": allowed})(scope, receive, send)
        else:
            refusal = Refusal(404, "not_found", f"There is nothing at {path}. See /api/health.")
            await refused(refusal)(scope, receive, send)


def api(backend: Backend, traps: Sequence[BaseRoute] = (), unchecked: str = "") -> ASGIApp:
    """Everything under /api. Only child processes have `traps`, and a path below which no origin is refused."""
    streams, here = Streams(backend), list[BaseRoute]()
    # The protocol's documents say /stream, its SDK and its server say /stream/events.
    for path in ("/threads/{thread_id}/stream/events", "/threads/{thread_id}/stream"):
        here.append(Route(path, endpoint(streams.sse_post), methods=["POST"]))
        here.append(WebSocketRoute(path, Socket(streams.websocket)))
    here.append(Route("/threads/{thread_id}/stream/events", endpoint(streams.sse_get), methods=["GET"]))
    here += [*Rest(backend).routes(), *Classics(backend).routes(), *Traps(backend).routes()]
    here += [*Headless(backend).routes(), *Payloads(backend).routes(), *browser_modules.routes(), *traps]
    here.append(Route("/{path:path}", Nowhere(tuple(here))))
    router = Router(here, redirect_slashes=False)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        prepare(scope, receive, backend.limits)
        backend.heads.learn(receive)
        await router(scope, receive, send)

    # Pages of allowed hosts are told that they may read the answers; everybody else was refused before.
    pages = [f"{scheme}://{host}" for host in backend.hosts for scheme in ("http", "https")]
    headers = ["Content-Type", "Last-Event-ID", "Authorization"]
    return Gate(
        CORSMiddleware(app, pages, allow_methods=["GET", "POST"], allow_headers=headers), backend.hosts, unchecked
    )


@functools.cache
def backend() -> Backend:
    """The one backend of this process, configured from the environment."""
    return Backend.from_environment()


def routes(serving: Backend | None = None, traps: Sequence[BaseRoute] = (), unchecked: str = "") -> list[BaseRoute]:
    """The demos' routes, for `st.App(routes=...)` or `Starlette(routes=...)`."""
    return [Mount("/api", app=api(serving or backend(), traps, unchecked))]


@asynccontextmanager
async def lifespan(app: object) -> AsyncIterator[dict[str, Any]]:
    """Start and end of the demos, for `st.App(lifespan=...)` or `Starlette(lifespan=...)`."""
    async with backend().lifespan():
        yield {}
