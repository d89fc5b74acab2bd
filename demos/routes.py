"""Routes under /api: the server's endpoints, the lab's endpoints, and servers that are broken on purpose.

`routes()`, `door()` and `lifespan` go into `st.App`, or into any Starlette application; the process has one `Lab`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute, Match, Mount, Route, Router, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from demos.broken_servers.naive import NaiveServer
from demos.connections.access import refused
from demos.connections.door import Door
from demos.connections.first_pages import FirstPages, Pages
from demos.connections.responses import Socket
from demos.connections.security_headers import script_hashes
from demos.connections.tcp import prepare
from demos.lab.endpoints import LabEndpoints
from demos.lab.payload_api import Payloads
from demos.lab.queue_api import QueueEndpoints
from demos.lab.state import Lab, shared_lab
from demos.protocol.errors import Refusal
from demos.rooms.hosting.endpoints import RoomEndpoints
from demos.rooms.hosting.guests import Guests
from demos.rooms.hosting.registry import Rooms, shared_rooms
from demos.rooms.hosting.room_pages import RoomPages
from demos.rooms.hosting.streams import RoomStreams
from demos.server import browser_modules
from demos.server.backend import Backend
from demos.server.endpoints import Endpoints, endpoint
from demos.server.streams import Streams
from demos.server.tutorial import Tutorial


class NotFound:
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


def stream_routes(backend: Backend) -> list[BaseRoute]:
    """Where a thread's events are read, over both transports."""
    streams, found = Streams(backend), list[BaseRoute]()
    # The protocol's documents say /stream, its SDK and its server say /stream/events.
    for path in ("/threads/{thread_id}/stream/events", "/threads/{thread_id}/stream"):
        found.append(Route(path, endpoint(streams.sse_post), methods=["POST"]))
        found.append(WebSocketRoute(path, Socket(streams.websocket)))
    found.append(Route("/threads/{thread_id}/stream/events", endpoint(streams.sse_get), methods=["GET"]))
    return found


def api(lab: Lab, rooms: Rooms, broken: Sequence[BaseRoute] = ()) -> ASGIApp:
    """Everything under /api. Only child processes have `broken` routes."""
    backend = lab.backend
    here = [*stream_routes(backend), *Endpoints(backend).routes(), *Tutorial(backend).routes()]
    here += [*NaiveServer(backend).routes(), *LabEndpoints(lab).routes(), *QueueEndpoints(lab).routes()]
    here += [*Payloads(backend).routes(), *browser_modules.routes(), *broken]
    here += [*RoomEndpoints(rooms).routes(), *RoomStreams(rooms).routes()]
    here.append(Route("/{path:path}", NotFound(tuple(here))))
    router = Router(here, redirect_slashes=False)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        prepare(scope, receive, backend.limits)
        await router(scope, receive, send)

    # Pages of allowed hosts are told that they may read the answers; everybody else was refused before.
    pages = [f"{scheme}://{host}" for host in backend.hosts for scheme in ("http", "https")]
    headers = ["Content-Type", "Last-Event-ID", "Authorization"]
    return CORSMiddleware(app, pages, allow_methods=["GET", "POST"], allow_headers=headers)


def routes(
    lab: Lab | None = None, broken: Sequence[BaseRoute] = (), base: str = "", rooms: Rooms | None = None
) -> list[BaseRoute]:
    """The demos' routes, for `st.App(routes=...)` or `Starlette(routes=...)`. They belong behind the `door`.

    `base`: the path in front of every other of the app, without a slash at its ends.
    """
    if rooms is None:
        rooms = shared_rooms() if lab is None else Rooms(lab)
    mounted = Mount(f"/{base}/api" if base else "/api", app=api(lab or shared_lab(), rooms, broken))
    return [*RoomPages(rooms, base).routes(), mounted]


def door(lab: Lab | None = None, unchecked: str = "", pages: Pages | None = None) -> list[Middleware]:
    """What stands in front of every route, for `st.App(middleware=...)` or `Starlette(middleware=...)`.

    `unchecked`: a path below /api where no origin is refused; only child processes have one. `pages`: the first
    responses of an app that has pages; their inline scripts may run, and no other.
    """
    backend = (lab or shared_lab()).backend
    below = f"/api{unchecked}" if unchecked else ""
    scripts = script_hashes(pages.pages[""]) if pages else ()
    found = [Middleware(Door, backend.limits, backend.connection_limits, backend.hosts, below, scripts)]
    if lab is None:
        found.append(Middleware(Guests, lambda: shared_rooms().confines_guests, pages.base if pages else ""))
    return [*found, Middleware(FirstPages, pages)] if pages else found


@asynccontextmanager
async def lifespan(app: object) -> AsyncIterator[dict[str, Any]]:
    """Start and end of the demos, for `st.App(lifespan=...)` or `Starlette(lifespan=...)`."""
    async with shared_lab().lifespan():
        shared_rooms().loop = asyncio.get_running_loop()
        yield {}
