"""Serves a thread's ordinary streams and notes which headers each request had. Not broken, but only for the lab.

GET, POST, WS /traps/heads/{thread_id}/stream/events   as below /threads
GET /traps/heads/{thread_id}                           the notes
No header's value is kept: only whether it came.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import Receive
from starlette.websockets import WebSocket

from demos.connections.responses import Socket
from demos.server.backend import Backend
from demos.server.endpoints import endpoint
from demos.server.streams import Streams

CLIENTS = {"GET": "EventSource", "POST": "fetch", "websocket": "WebSocket"}
"""Which client of a browser asks in which way."""
MOST = 50
"""Threads of which notes are kept; the oldest make room."""


@dataclass
class RequestHeaders:
    """What the requests of one kind of client brought, as the server saw them."""

    requests: int = 0
    posted: int = 0
    """Requests with the method POST."""
    authorized: int = 0
    """Requests with an Authorization header."""


@dataclass
class HeadersByClient:
    """Of one thread, by client."""

    by_client: dict[str, RequestHeaders] = field(
        default_factory=lambda: {name: RequestHeaders() for name in CLIENTS.values()}
    )


class NotedStreams:
    """Notes each request, then serves it as ever."""

    def __init__(self, backend: Backend) -> None:
        self._threads, self._streams = backend.threads, Streams(backend)
        self._heads: dict[str, HeadersByClient] = {}

    def routes(self) -> list[BaseRoute]:
        path = "/traps/heads/{thread_id}/stream/events"
        return [
            Route(path, endpoint(self.sse_get), methods=["GET"]),
            Route(path, endpoint(self.sse_post), methods=["POST"]),
            WebSocketRoute(path, Socket(self.websocket)),
            Route("/traps/heads/{thread_id}", endpoint(self.tell), methods=["GET"]),
        ]

    async def sse_get(self, request: Request) -> Response:
        self._note(request, request.method)
        return await self._streams.sse_get(request)

    async def sse_post(self, request: Request) -> Response:
        self._note(request, request.method)
        return await self._streams.sse_post(request)

    async def websocket(self, websocket: WebSocket, receive: Receive) -> None:
        if websocket.path_params["thread_id"] in {thread.id for thread in self._threads}:
            self._note(websocket, "websocket")
        await self._streams.websocket(websocket, receive)

    async def tell(self, request: Request) -> Response:
        thread = self._threads.get(request.path_params["thread_id"])
        return JSONResponse(asdict(self._heads.get(thread.id, HeadersByClient()))["by_client"])

    def _note(self, connection: HTTPConnection, how: str) -> None:
        """Raises Refusal where there is no such thread."""
        thread = self._threads.get(connection.path_params["thread_id"])
        head = self._heads.setdefault(thread.id, HeadersByClient()).by_client[CLIENTS.get(how, CLIENTS["GET"])]
        while len(self._heads) > MOST:
            del self._heads[next(iter(self._heads))]
        head.requests += 1
        head.posted += how == "POST"
        head.authorized += "authorization" in connection.headers
