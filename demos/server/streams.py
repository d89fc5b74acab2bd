"""Endpoints that open a stream of a thread's events: the event stream first, the WebSocket below it."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import Receive
from starlette.websockets import WebSocket

from demos.connections.responses import EventStream, client, close, end, sse_frames
from demos.connections.tcp import peer_of
from demos.protocol.errors import Refusal
from demos.server.backend import Backend
from demos.server.endpoints import body
from demos.server.websocket import Conversation
from demos.threads.reader import Reader
from demos.threads.registry import normalised_id
from demos.threads.subscriptions import Subscriptions


class Streams:
    """The two endpoints that carry a thread's events."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._subscriptions = Subscriptions(backend.threads, backend.heartbeat_s)

    # --- event stream: events here; commands come by POST, on other connections ---

    async def sse_get(self, request: Request) -> Response:
        """For EventSource: all parameters in the URL; on a reconnect, Last-Event-ID overrides `since`.

        `ids=0`: events without ids. `comments=1`: heartbeats as comments, which a page's script cannot see.
        """
        thread_id, params = normalised_id(request.path_params["thread_id"]), subscription_from_query(request)
        came_back = request.headers.get("last-event-id")
        await self._backend.sharing.prepare(thread_id, is_read=True)
        reader = self._subscriptions.reader(thread_id, params | ({"since": came_back} if came_back else {}))
        run = self._backend.threads.get(thread_id).run
        if came_back and run and run.ended and reader.behind == 0:
            return Response(status_code=204)  # the only success status after which EventSource does not reconnect
        ids, seen = request.query_params.get("ids") != "0", request.query_params.get("comments") != "1"
        return self._event_stream(request, thread_id, reader, to_page=seen, ids=ids)

    async def sse_post(self, request: Request) -> Response:
        """For clients that can POST: the body holds the parameters of a subscription."""
        thread_id = normalised_id(request.path_params["thread_id"])
        params = await body(request, self._backend.limits)
        await self._backend.sharing.prepare(thread_id, is_read=True)
        reader = self._subscriptions.reader(thread_id, params)
        return self._event_stream(request, thread_id, reader, to_page=False)

    def _event_stream(
        self, request: Request, thread_id: str, reader: Reader, to_page: bool, ids: bool = True
    ) -> Response:
        frames = sse_frames(reader, self._backend.counters, to_page, ids)
        during = self._backend.streams.heartbeats.hold(client(request), reader.heartbeat_ms)
        return EventStream(self._backend.streams, frames, client(request), thread_id, during)

    # --- WebSocket: events and commands on one connection ---

    async def websocket(self, websocket: WebSocket, receive: Receive) -> None:
        """Receive commands and subscriptions as frames; send replies and events."""
        backend, thread_id = self._backend, normalised_id(websocket.path_params["thread_id"])
        await websocket.accept()
        try:
            with backend.streams.open("websocket", client(websocket), thread_id, peer_of(receive)) as stream:
                await backend.sharing.prepare(thread_id, is_read=True)
                named = "channels" in QueryParams(websocket.scope["query_string"])
                reader = self._subscriptions.reader(thread_id, subscription_from_query(websocket)) if named else None
                talk = Conversation(websocket, stream, backend, self._subscriptions)
                await talk.hold(reader)
            await end(stream, websocket, receive, backend.limits)
        except Refusal as refusal:
            await close(websocket, receive, refusal.close_code, refusal.message, backend.limits)


def subscription_from_query(connection: HTTPConnection) -> dict[str, Any]:
    """Read a subscription from the URL: `?channels=messages,lifecycle&since=12&heartbeat_ms=500`."""
    # Not `connection.query_params`: Starlette would keep it in memory while the connection lives.
    query = QueryParams(connection.scope["query_string"])
    channels = query.get("channels", "messages,lifecycle,input,tools")
    return {"channels": channels.split(","), "since": query.get("since"), "heartbeat_ms": query.get("heartbeat_ms")}
