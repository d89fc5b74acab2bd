"""Jitter on one person's path is named for that person, and the server's load for nobody. Over real connections."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from demos.crowd.attendee import Attendee, Manner
from demos.crowd.crowd import choices_of
from demos.crowd.room_client import RoomClient, open_http
from demos.processes.demo_server import served
from tests.patience import milliseconds, seconds

PEOPLE = 6
JITTER_S = 0.2
BUSY_MS, EACH_MS = 40, 100
"""The server does nothing else for so long, each so many milliseconds."""
HARDLY_MS = 20
BUSY = f"""
import asyncio, sys, time
from demos import serve
from demos.rooms.hosting import conductor

def slow(self, now, tick=conductor.Conductor.tick):
    if int(now * 1000) % {EACH_MS} < {BUSY_MS}:
        time.sleep({BUSY_MS} / 1000)
    tick(self, now)

conductor.Conductor.tick = slow
serve.serve("127.0.0.1", int(sys.argv[-1]))
"""


@asynccontextmanager
async def jittering(port: int, seed: int) -> AsyncIterator[int]:
    """A way to a server on which each piece comes up to JITTER_S later, in order. Yields its port."""
    chance, loop, tasks = random.Random(seed), asyncio.get_running_loop(), set[asyncio.Task[None]]()

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, jitter_s: float) -> None:
        due = 0.0
        try:
            while chunk := await reader.read(65_536):
                due = max(due, loop.time() + chance.uniform(0, jitter_s))
                await asyncio.sleep(due - loop.time())
                writer.write(chunk)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", port)
        tasks.add(asyncio.create_task(forward(reader, up_writer, 0.0)))
        tasks.add(asyncio.create_task(forward(up_reader, writer, jitter_s=JITTER_S)))

    async with await asyncio.start_server(met, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def late_ms(port: int) -> list[float]:
    """Lateness of each person in a round, of the worse transport; the first one is on the jittering way."""
    async with jittering(port, seed=7) as far, open_http(f"http://127.0.0.1:{port}/api") as http:
        room, keys = await RoomClient.open(http, f"http://127.0.0.1:{port}/api", "15min", "")
        ways = [RoomClient(http, f"http://127.0.0.1:{far}/api", room.code), *[room] * (PEOPLE - 1)]
        people = [Attendee(http, way, random.Random(n), Manner(), choices_of()) for n, way in enumerate(ways)]
        attending = [asyncio.create_task(person.attend(0)) for person in people]
        secret = keys["secret"]
        try:
            await asyncio.gather(*(person.there.wait() for person in people))
            for phase in ("predict", "reveal"):
                state = await room.state(secret)
                await room.do(secret, "next", state["turn"])
                async with asyncio.timeout(seconds(60)):
                    while (await room.state(secret))["phase"] != phase:
                        await asyncio.sleep(0.05)  # between two looks
            figures = [(await room.state(person._sayings.key))["you"]["figures"] for person in people]
        finally:
            for task in attending:
                task.cancel()
            await asyncio.gather(*attending, return_exceptions=True)
    return [max(of["lateness_p95_ms"] for of in each.values()) for each in figures]


@pytest.mark.quiet
def test_jitter_of_one_path_is_named_for_it_alone() -> None:
    with served() as child:
        jittered, *others = asyncio.run(late_ms(child.port))
    assert jittered > 600 * JITTER_S
    assert max(others) < jittered / 3


@pytest.mark.quiet
def test_a_busy_server_is_nobody_s_lateness() -> None:
    with served(command=["-c", BUSY]) as child:
        jittered, *others = asyncio.run(late_ms(child.port))
    assert jittered > 600 * JITTER_S
    assert max(others) < jittered / 3
    assert sorted(others)[len(others) // 2] < milliseconds(HARDLY_MS)
