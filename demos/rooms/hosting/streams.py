"""The lab's streams for people of a room, at /api/rooms/CODE/stream/events: the same protocol, the round's own thread.

Whoever reads here never learns the thread's id, and may send it no command: only the room holds its key.
"""

from __future__ import annotations

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import Receive
from starlette.websockets import WebSocket

from demos.connections.access import refused
from demos.connections.responses import Socket, client, close
from demos.limits import PREFIX
from demos.protocol.errors import Refusal
from demos.rooms.hosting.conductor import Conductor
from demos.rooms.hosting.registry import Rooms
from demos.server.endpoints import endpoint
from demos.server.streams import Streams

PATH = "/rooms/{code}/stream/events"


class RoomStreams:
    """Streams of rooms. A page's EventSource and WebSocket can send no header, so its key stands in the query."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._streams = Streams(rooms.backend)

    def routes(self) -> list[BaseRoute]:
        return [
            Route(PATH, endpoint(self.sse), methods=["GET"]),
            WebSocketRoute(PATH, Socket(self.websocket)),
            WebSocketRoute("/rooms/{code}/hello", Socket(self.hello)),
        ]

    async def sse(self, request: Request) -> Response:
        try:
            self._enter(request)
        except Refusal as refusal:
            return refused(refusal)
        return await self._streams.sse_get(request)

    async def websocket(self, websocket: WebSocket, receive: Receive) -> None:
        try:
            self._enter(websocket)
        except Refusal as refusal:
            await websocket.accept()
            await close(websocket, receive, refusal.close_code, refusal.message, self._rooms.backend.limits)
            return
        await self._streams.websocket(websocket, receive)

    async def hello(self, websocket: WebSocket, receive: Receive) -> None:
        """Whether a WebSocket opens on this path: says hello, and closes."""
        limits = self._rooms.backend.limits
        await websocket.accept()
        try:
            self._person(websocket)
            await websocket.send_text("hello")
            await close(websocket, receive, 1000, "", limits)
        except Refusal as refusal:
            await close(websocket, receive, refusal.close_code, refusal.message, limits)

    def _person(self, connection: HTTPConnection) -> tuple[Conductor, int]:
        found = self._rooms.find(connection.path_params["code"], client(connection))
        role, number = found.keys.role(connection.query_params.get("as"))
        if role != "attendee" or number is None:
            raise Refusal(403, "not_an_attendee", "Only somebody who has joined reads the room's streams.")
        return found, number

    def _enter(self, connection: HTTPConnection) -> None:
        """Put the round's thread, and the person in place of the address, into a request.

        Raises:
            Refusal: nobody of this room asks; nothing can be read now; or the person has enough streams.
        """
        found, number = self._person(connection)
        thread, name = found.runs.thread(number), f"room {found.room.code} person {number}"
        played = found.room.round
        if played is None or number not in played.opened:
            raise Refusal(409, "not_yet", "There is nothing for you to read in this room now.", retry_s=2)
        if self._rooms.backend.streams.of_client(name) >= (most := self._rooms.backend.limits.room_streams):
            why = f"You have {most} open streams in this room, the limit ({PREFIX}ROOM_STREAMS). Close other tabs."
            raise Refusal(429, "too_many_streams", why, retry_s=2)
        played.readers.add(number)
        connection.scope["path_params"] = {**connection.scope["path_params"], "thread_id": thread.id}
        connection.scope["client"] = (name, 0)
