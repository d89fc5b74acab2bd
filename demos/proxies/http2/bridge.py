"""Bridge from a client's HTTP/1.1 to HTTP/2 over TLS, as a browser would send it to the same server.

client --HTTP/1.1, loopback--> Http2Bridge --TLS: HTTP/2--> server

So the clients that measure everything else measure this too. What asks for an upgrade to a WebSocket goes as an
extended CONNECT (RFC 8441) where the server announced that it takes it. Where it did not, the request goes over a
connection of its own in HTTP/1.1, which is what browsers do, and `shared` says so.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    RemoteSettingsChanged,
    ResponseReceived,
    StreamEnded,
    StreamReset,
)
from h2.exceptions import H2Error

from demos.proxies.http2.request import Asked

CHUNK = 65_536
Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Http2Bridge:
    """Loopback bridge for clients, with what it has observed of the server so far."""

    target: int
    trust: Callable[[], ssl.SSLContext]
    port: int = 0
    shared: bool | None = None
    """Whether the last request used HTTP/2, where it shares a connection with a page's other requests."""
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def api(self) -> str:
        """Address of the server's API through the bridge."""
        return f"http://127.0.0.1:{self.port}/api"

    async def serve(self, near: Pair) -> None:
        """Serve one connection of a client, with one request."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            asked = Asked.parse(await near[0].readuntil(b"\r\n\r\n"))
            far = await self._far("h2", "http/1.1")
            try:
                stream = await Stream.opened(far, asked) if _speaks_http2(far) else None
                self.shared = stream is not None
                if stream is not None:
                    await stream.carry(near)
                    return
            finally:
                far[1].close()
            far = await self._far("http/1.1")
            try:
                far[1].write(asked.raw)
                await _both(_copied(near[0], far[1]), _copied(far[0], near[1]))
            finally:
                far[1].close()
        except (OSError, EOFError, H2Error, asyncio.LimitOverrunError):
            pass  # one side is gone; the client's connection closes
        finally:
            near[1].close()
            self._tasks.discard(task)

    async def _far(self, *protocols: str) -> Pair:
        context = self.trust()
        context.set_alpn_protocols(list(protocols))
        return await asyncio.open_connection("127.0.0.1", self.target, ssl=context, server_hostname="localhost")

    async def end(self) -> None:
        for task in [*self._tasks]:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _speaks_http2(far: Pair) -> bool:
    secure = far[1].get_extra_info("ssl_object")
    return secure is not None and secure.selected_alpn_protocol() == "h2"


async def _copied(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(CHUNK):
        writer.write(data)
        await writer.drain()


async def _both(*ways: Coroutine[Any, Any, None]) -> None:
    """Run both directions until one ends, then cancel the other."""
    tasks = [asyncio.create_task(way) for way in ways]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Stream:
    """One request, alone in one HTTP/2 connection."""

    def __init__(self, far: Pair, asked: Asked) -> None:
        self._reader, self._writer = far
        self._asked = asked
        self._http2 = H2Connection(H2Configuration(header_encoding="utf-8"))
        self._id = 0
        self._room = asyncio.Event()
        """Set on data from the peer, which may have opened the flow control window."""

    @classmethod
    async def opened(cls, far: Pair, asked: Asked) -> Stream | None:
        """Send the request. None: it is for a WebSocket, and the server has not announced extended CONNECT.

        Raises:
            OSError, EOFError, H2Error: the server hung up, or speaks something else.
        """
        self = cls(far, asked)
        self._http2.initiate_connection()
        await self._flush()
        # A server's settings come first (RFC 9113, section 3.4).
        while not any(isinstance(event, RemoteSettingsChanged) for event in await self._heard()):
            pass
        if asked.key and not self._http2.remote_settings.enable_connect_protocol:
            return None
        self._id = self._http2.get_next_available_stream_id()
        self._http2.send_headers(self._id, asked.as_http2(), end_stream=asked.key is None)
        await self._flush()
        return self

    async def carry(self, near: Pair) -> None:
        """Copy data until one side ends the stream.

        Raises:
            OSError, EOFError, H2Error: the server hung up.
        """
        await _both(self._down(near[1]), self._up(near[0]))

    async def _down(self, writer: asyncio.StreamWriter) -> None:
        while True:
            for event in await self._heard():
                match event:
                    case ResponseReceived(headers=headers):
                        writer.write(self._asked.answered([(str(name), str(value)) for name, value in headers]))
                    case DataReceived(data=data, flow_controlled_length=length):
                        self._http2.acknowledge_received_data(length, self._id)
                        writer.write(data)
                    case StreamEnded() | StreamReset() | ConnectionTerminated():
                        return
            await self._flush()
            await writer.drain()

    async def _up(self, reader: asyncio.StreamReader) -> None:
        while data := await reader.read(CHUNK):
            while data:
                self._room.clear()
                fits = min(self._http2.local_flow_control_window(self._id), self._http2.max_outbound_frame_size)
                if fits <= 0:
                    await self._room.wait()
                    continue
                self._http2.send_data(self._id, data[:fits])
                data = data[fits:]
                await self._flush()

    async def _heard(self) -> list[Event]:
        data = await self._reader.read(CHUNK)
        if not data:
            raise EOFError("the server hung up")
        events = self._http2.receive_data(data)
        self._room.set()
        await self._flush()
        return events

    async def _flush(self) -> None:
        self._writer.write(self._http2.data_to_send())
        await self._writer.drain()


@asynccontextmanager
async def crossing(port: int, trust: Callable[[], ssl.SSLContext]) -> AsyncIterator[Http2Bridge]:
    """Run a bridge on its own loopback port while the block lasts. `port`: of a TLS server on this machine."""
    self = Http2Bridge(port, trust)
    server = await asyncio.start_server(lambda *near: self.serve(near), "127.0.0.1", 0)
    self.port = server.sockets[0].getsockname()[1]
    try:
        yield self
    finally:
        server.close()
        await self.end()
