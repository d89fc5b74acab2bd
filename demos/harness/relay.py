"""TCP relay that injects faults between client and server.

client --- relay --- server      the first connection gets the first fault, and so on; later ones get none
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from demos.faults import Ending, Fault, Passage, Quiet, Sleep
from demos.faults.nothing import Nothing

CHUNK = 65_536
NARROW_CHUNK = 4_096
"""Chunk size of a bottleneck: small, so that two connections take turns."""
SLACK_S = 0.05
"""Seconds for which an unused bottleneck saves up capacity."""


@dataclass
class Passed:
    """Traffic of one connection: bytes in each direction, and the time of the server's last byte."""

    up: int = 0
    down: int = 0
    heard_at: float = 0.0


class Bottleneck:
    """Bandwidth limit in bytes per second, towards the client, that all connections of a relay share."""

    def __init__(self, bytes_per_s: float, sleep: Sleep) -> None:
        self._bytes_per_s, self._sleep, self._turn = bytes_per_s, sleep, asyncio.Lock()
        self._free_at = 0.0

    async def passing(self, count: int) -> None:
        """Wait until `count` bytes have passed."""
        async with self._turn:
            now = asyncio.get_running_loop().time()
            # Count from the end of the last chunk, to correct for a sleep that took too long.
            self._free_at = max(self._free_at, now - SLACK_S) + count / self._bytes_per_s
            if self._free_at > now:
                await self._sleep(self._free_at - now)


class Marks:
    """Counts a mark in bytes that come in pieces, cut anywhere."""

    def __init__(self, mark: bytes, found: Callable[[int], None]) -> None:
        self._mark, self._found = mark, found
        self._rest = b""

    def look(self, chunk: bytes) -> None:
        if self._mark:
            text = self._rest + chunk
            self._found(text.count(self._mark))
            self._rest = text[-len(self._mark) + 1 :]


class Relay:
    """Relay on its own loopback port; runs while the context is entered."""

    def __init__(
        self,
        host: str,
        port: int,
        faults: Sequence[Fault] = (),
        sleep: Sleep = asyncio.sleep,
        bytes_per_s: float | None = None,
        token_mark: bytes = b"",
    ) -> None:
        """Bind nothing yet.

        Args:
            bytes_per_s: limit towards the client, for all connections together; None: no limit.
            token_mark: bytes in each token of an answer, for faults that wait for tokens; empty: none is counted.
        """
        self._mark = token_mark
        self._narrow = None if bytes_per_s is None else Bottleneck(bytes_per_s, sleep)
        self._target = host, port
        self._faults = list(faults)
        self._sleep = sleep
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self.passed: list[Passed] = []
        """All connections in order, including closed ones."""

    @property
    def port(self) -> int:
        assert self._server is not None, "enter the relay first"
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        fault = self._faults[len(self.passed)] if len(self.passed) < len(self._faults) else Nothing()
        self.passed.append(passed := Passed())
        task = asyncio.create_task(self._relay(reader, writer, fault, passed))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _relay(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fault: Fault, passed: Passed
    ) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(*self._target)
        except OSError:
            _reset(writer)
            return
        flowing, passage = asyncio.Event(), Passage()
        marks = Marks(self._mark, passage.add)
        loop = asyncio.get_running_loop()

        def went_up(count: int) -> None:
            passed.up += count

        def came_down(count: int) -> None:
            passed.down += count
            passed.heard_at = loop.time()
            flowing.set()

        pumps = [
            asyncio.create_task(_pump(reader, far_writer, went_up)),
            asyncio.create_task(_pump(far_reader, writer, came_down, self._narrow, marks.look)),
        ]
        strike = asyncio.create_task(self._strike(fault, flowing, lambda: loop.time() - passed.heard_at, passage))
        ending = Ending.CLEAN
        try:
            ending = await _first_ending(pumps, strike)
        finally:
            for task in (*pumps, strike):
                task.cancel()
            for each in (writer, far_writer):
                _reset(each) if ending is Ending.RESET else each.close()

    async def _strike(self, fault: Fault, flowing: asyncio.Event, quiet: Quiet, passage: Passage) -> Ending:
        await flowing.wait()
        return await fault.strike(self._sleep, quiet, passage.passed)


async def _first_ending(pumps: Sequence[asyncio.Task[None]], strike: asyncio.Task[Ending]) -> Ending:
    """Wait for the end of a connection: by client or server, or by the fault if that comes first."""
    waiting: set[asyncio.Task[Any]] = {*pumps, strike}
    while not all(pump.done() for pump in pumps):
        done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if strike in done and strike.result() is Ending.SILENT:
            for pump in pumps:
                pump.cancel()
            await asyncio.Event().wait()  # until the relay closes: no notice to either end
        if strike in done and strike.result() is not Ending.NOT:
            return strike.result()
        if any(pump.exception() for pump in pumps if pump.done()):
            return Ending.RESET
    return Ending.CLEAN


async def _pump(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    count: Callable[[int], None],
    narrow: Bottleneck | None = None,
    sent: Callable[[bytes], None] = lambda chunk: None,
) -> None:
    while chunk := await reader.read(CHUNK if narrow is None else NARROW_CHUNK):
        if narrow is not None:
            await narrow.passing(len(chunk))
        count(len(chunk))
        writer.write(chunk)
        sent(chunk)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()


def _reset(writer: asyncio.StreamWriter) -> None:
    """RST instead of FIN: linger zero, then drop the transport."""
    connection: socket.socket | None = writer.get_extra_info("socket")
    if connection is not None and connection.fileno() != -1:  # -1: it is already closed
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
