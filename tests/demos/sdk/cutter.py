"""A TCP relay that cuts every connection when it is told to, or after so many bytes, by RST or by FIN.

It knows no protocol.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

CHUNK = 512
"""Bytes that are passed on at once: no more than these pass beyond a planned cut."""


class Cutter:
    """Listens on a loopback port of its own, in a thread of its own."""

    def __init__(self, target: int) -> None:
        self.target = target
        self._loop = asyncio.new_event_loop()
        self._open: set[asyncio.StreamWriter] = set()
        self.port = 0
        self.cuts = 0
        """How many times it cut something."""
        self.is_shut = False
        """Whether whoever connects is refused."""
        self._plan: list[str] = []
        self._every = 0
        self._passed = 0

    async def listen(self) -> asyncio.Server:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    def plan(self, *how: str, every: int) -> None:
        """Cut by itself, once for each of `how`, after so many bytes from the server since the last cut.

        What a client has read says nothing about what is open: a slow one reads on from its buffer after a cut. Bytes
        that the relay has sent do: the connection that brings them is open.
        """
        self._plan, self._every, self._passed = list(how), every, 0

    def cut(self, how: str) -> bool:
        """Cut what is open now; whether anything was. Safe from any thread."""
        return asyncio.run_coroutine_threadsafe(self._cut(how), self._loop).result(5)

    async def _count(self, sent: int) -> None:
        self._passed += sent
        if self._plan and self._passed >= self._every:
            self._passed = 0
            await self._cut(self._plan.pop(0))

    async def _cut(self, how: str) -> bool:
        cut = bool(self._open)
        self.cuts += cut
        for writer in list(self._open):
            self._open.discard(writer)
            end = writer.get_extra_info("socket")
            if how == "rst":
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()
            else:
                writer.close()  # FIN in mid-stream: no last chunk, no close frame
        return cut

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_shut:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:  # nobody listens there now
            writer.transport.abort()
            return
        self._open.add(writer)
        try:
            await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer, self._count))
        except (OSError, asyncio.CancelledError):
            pass  # cut, or the relay is left; asyncio would log a cancelled handler as a failure
        finally:
            self._open.discard(writer)
            for each in (writer, far_writer):
                each.close()


async def _pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sent: Callable[[int], Awaitable[None]] | None = None
) -> None:
    try:
        while (chunk := await reader.read(CHUNK)) and not writer.is_closing():
            writer.write(chunk)
            await writer.drain()
            if sent:
                await sent(len(chunk))
    finally:
        writer.close()


@contextmanager
def cutter(target: int) -> Iterator[Cutter]:
    """A relay to a port, until the block is left."""
    made = Cutter(target)
    thread = threading.Thread(target=made._loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(made.listen(), made._loop).result(5)

    async def leave() -> None:
        server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    try:
        yield made
    finally:
        asyncio.run_coroutine_threadsafe(leave(), made._loop).result(5)
        made._loop.call_soon_threadsafe(made._loop.stop)
        thread.join(5)
        made._loop.close()
