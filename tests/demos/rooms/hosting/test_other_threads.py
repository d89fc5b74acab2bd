from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from demos.lab.state import Lab
from demos.protocol.errors import Refusal
from demos.rooms.hosting import other_threads
from demos.rooms.hosting.other_threads import NoServer, on_the_loop
from demos.rooms.hosting.registry import Rooms
from tests.demos.toys import ToyAgent, backend


@pytest.fixture
def rooms() -> Iterator[Rooms]:
    """Rooms whose loop runs in another thread, as in the app."""
    found, loop = Rooms(Lab(backend(ToyAgent()))), asyncio.new_event_loop()
    found.loop = loop
    running = threading.Thread(target=loop.run_forever)
    running.start()
    yield found
    asyncio.run_coroutine_threadsafe(found.close(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    running.join()
    loop.close()


def test_a_room_is_opened_and_looked_at_from_another_thread(rooms: Rooms) -> None:
    held = on_the_loop(rooms, lambda: rooms.open("15min"))
    assert on_the_loop(rooms, lambda: held.state("lead", None)["phase"]) == "lobby"
    assert on_the_loop(rooms, threading.get_ident) != threading.get_ident()


def test_a_refusal_comes_through(rooms: Rooms) -> None:
    with pytest.raises(Refusal, match="Allowed: "):
        on_the_loop(rooms, lambda: rooms.open("no such agenda"))


def test_without_a_server_nothing_hangs(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(other_threads, "WAIT_S", 0.05)
    held, going_on = threading.Event(), rooms.loop
    assert going_on is not None
    going_on.call_soon_threadsafe(held.wait)
    with pytest.raises(NoServer, match="too busy"):
        on_the_loop(rooms, lambda: None)
    held.set()
    rooms.loop = None
    with pytest.raises(NoServer, match="No server runs"):
        on_the_loop(rooms, lambda: None)
    rooms.loop = going_on
