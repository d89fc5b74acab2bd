"""The relay with a plain echo server: no protocol in sight."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable

import pytest

from demos.faults import Ending, Fault, Passed, Quiet, Sleep
from demos.faults.clean import Clean
from demos.faults.idle import Idle
from demos.harness.relay import SLACK_S, Bottleneck, Marks, Relay

Scene = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Now:
    """A fault that does not wait."""

    def __init__(self, ending: Ending) -> None:
        self.ending = ending

    async def strike(self, sleep: Sleep, quiet: Quiet, passed: Passed) -> Ending:
        return self.ending


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while chunk := await reader.read(1000):
            writer.write(chunk)
    except ConnectionError:
        pass
    writer.close()


def relayed(faults: list[Fault], *scenes: Scene) -> None:
    async def run() -> None:
        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        async with server, Relay("127.0.0.1", server.sockets[0].getsockname()[1], faults, token_mark=b"token") as relay:
            for scene in scenes:
                reader, writer = await asyncio.open_connection("127.0.0.1", relay.port)
                await asyncio.wait_for(scene(reader, writer), 10)
                writer.close()

    asyncio.run(run())


async def echoes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    for text in (b"hello", b"again"):
        writer.write(text)
        assert await reader.readexactly(5) == text
    writer.write_eof()
    assert await reader.read() == b""


async def ended(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"hello")
    assert await reader.read() in (b"hello", b"")


async def broken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"hello")
    with pytest.raises(ConnectionResetError):
        await reader.read()


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"hello")
    await reader.readexactly(5)
    writer.write(b"anybody?")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(1), 0.2)


def test_bytes_go_through() -> None:
    relayed([], echoes)
    relayed([Now(Ending.NOT)], echoes)


def test_each_connection_meets_its_own_fault_and_later_ones_none() -> None:
    relayed([Now(Ending.CLEAN), Now(Ending.RESET), Now(Ending.SILENT)], ended, broken, silent, echoes)


def test_what_passes_is_counted_for_each_connection() -> None:
    async def run() -> None:
        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        async with server, Relay("127.0.0.1", server.sockets[0].getsockname()[1]) as relay:
            for text in (b"hello", b"hi"):
                reader, writer = await asyncio.open_connection("127.0.0.1", relay.port)
                writer.write(text)
                await reader.readexactly(len(text))
                writer.close()
            assert [(one.up, one.down) for one in relay.passed] == [(5, 5), (2, 2)]

    asyncio.run(run())


def test_a_connection_that_is_idle_for_too_long_is_ended_and_a_heartbeat_keeps_it() -> None:
    async def beating(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(8):
            writer.write(b"x")
            assert await reader.readexactly(1) == b"x"
            await asyncio.sleep(0.05)  # the heartbeat itself, far below the limit
        with pytest.raises(ConnectionResetError):
            await reader.read()

    relayed([Idle(idle_ms=300), Idle(idle_ms=300)], broken, beating)


def test_a_server_that_is_not_there_looks_like_one() -> None:
    async def run() -> None:
        async with Relay("127.0.0.1", 1) as relay:
            reader, writer = await asyncio.open_connection("127.0.0.1", relay.port)
            with pytest.raises(ConnectionResetError):
                await reader.read()
            writer.close()

    asyncio.run(run())


def test_a_reset_by_one_end_reaches_the_other() -> None:
    async def run() -> None:
        broke = asyncio.Event()

        async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"hello")
            try:
                await reader.read()
            except ConnectionResetError:
                broke.set()
            writer.close()

        server = await asyncio.start_server(listen, "127.0.0.1", 0)
        async with server, Relay("127.0.0.1", server.sockets[0].getsockname()[1]) as relay:
            reader, writer = await asyncio.open_connection("127.0.0.1", relay.port)
            assert await reader.readexactly(5) == b"hello"
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
            await asyncio.wait_for(broke.wait(), 10)

    asyncio.run(run())


def test_a_bottleneck_passes_so_many_bytes_a_second_over_all_connections_together() -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    async def scene() -> None:
        narrow = Bottleneck(1000, sleep)
        await asyncio.gather(*(narrow.passing(500) for _ in range(4)))

    asyncio.run(scene())
    # Nobody slept, so each is told to wait until all before it have passed.
    assert waited == pytest.approx([n * 0.5 - SLACK_S for n in range(1, 5)], abs=0.05)


def test_bytes_come_through_a_bottleneck_whole() -> None:
    async def run() -> bytes:
        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, Relay("127.0.0.1", port, bytes_per_s=1_000_000) as relay:
            reader, writer = await asyncio.open_connection("127.0.0.1", relay.port)
            writer.write(b"ab" * 20_000)
            got = await asyncio.wait_for(reader.readexactly(40_000), 10)
            writer.close()
            return got

    assert asyncio.run(run()) == b"ab" * 20_000


def test_a_mark_is_counted_wherever_the_bytes_are_cut() -> None:
    text = b"a token, a tok and a token" * 3
    for size in (1, 2, 5, len(text)):
        found: list[int] = []
        marks = Marks(b"token", found.append)
        for at in range(0, len(text), size):
            marks.look(text[at : at + size])
        assert sum(found) == 6


def test_a_connection_is_cut_after_so_many_tokens_and_not_before() -> None:
    async def marked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(3):
            writer.write(b"token")
            assert await reader.readexactly(5) == b"token"
        assert await reader.read() == b""

    relayed([Clean(0, after_tokens=3), Clean(0, after_tokens=3)], marked, marked, echoes)
