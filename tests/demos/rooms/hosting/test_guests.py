"""While a room is open on a network, guests get the rooms; whoever is at the machine gets everything."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from demos.lab.state import Lab
from demos.rooms.hosting.guests import Guests
from demos.rooms.hosting.registry import Rooms
from tests.demos.toys import ToyAgent, backend

GUEST, HERE = ("192.0.2.50", 1), ("127.0.0.1", 1)


def status(path: str, client: tuple[str, int], confined: bool = True, kind: str = "http", base: str = "") -> int:
    """What somebody gets who asks for a path; 200 is what stands behind."""
    sent: list[Message] = []

    async def inside(scope: Scope, receive: Receive, send: Send) -> None:
        sent.append({"status": 200})

    async def receive() -> Message:
        return {"type": f"{kind}.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: dict[str, Any] = {"type": kind, "path": path, "client": client, "headers": [], "method": "POST"}

    async def ask() -> None:
        await Guests(inside, lambda: confined, base)(scope, receive, send)

    asyncio.run(ask())
    return int(sent[0].get("status", 403))  # a handshake that is closed before it is accepted gets 403


@pytest.mark.parametrize(
    "path",
    ["/", "/lab", "/api/experiments", "/api/threads", "/api/metrics", "/_stcore/stream", "/rooms", "/api/roomsX"],
)
@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_a_guest_gets_nothing_but_the_room(path: str, kind: str) -> None:
    assert status(path, GUEST, kind=kind) == 403
    assert status(path, HERE, kind=kind) == 200
    assert status(path, GUEST, confined=False, kind=kind) == 200


@pytest.mark.parametrize(
    "path", ["/r/ABC234", "/R/ABC234/wall", "/api/rooms/ABC234/join", "/api/modules/0/room/phone.js", "/api/health"]
)
def test_a_guest_gets_the_room(path: str) -> None:
    assert status(path, GUEST) == 200
    assert status(f"/base{path}", GUEST, base="base") == 200
    assert status(f"/other{path}", GUEST, base="base") == 403


def test_a_room_that_was_opened_at_this_machine_confines_guests_until_it_ends() -> None:
    async def scene() -> list[bool]:
        lab = Lab(backend(ToyAgent()))
        rooms, found = Rooms(lab), []
        async with lab.lifespan():
            found.append(rooms.confines_guests)
            far = rooms.open("15min", near=False)
            found.append(rooms.confines_guests)
            near = rooms.open("15min")
            found.append(rooms.confines_guests)
            near.close()
            found.append(rooms.confines_guests)
            far.close()
        return found

    assert asyncio.run(scene()) == [False, False, True, False]


def test_a_room_that_nobody_uses_or_that_is_old_ends_and_is_forgotten() -> None:
    async def scene() -> None:
        now = [0.0]
        lab = Lab(backend(ToyAgent(), room_idle_seconds=60, room_seconds=1000))
        rooms = Rooms(lab, lambda: now[0])
        async with lab.lifespan():
            unused, old = rooms.open("15min"), rooms.open("15min")
            old.alone_since = None  # a page of it is open; of the other there never was one
            now[0] = 61
            rooms.sweep()
            assert (unused.room.is_over, old.room.is_over, len(rooms)) == (True, False, 1)
            now[0] = 1001
            rooms.sweep()
            assert old.room.is_over
            now[0] = 2000
            rooms.sweep()
            assert not rooms.all()
        assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("room")]

    asyncio.run(scene())
