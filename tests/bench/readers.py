"""A crowd of raw readers, the same for every server: bytes in, events counted. Without a library, to be cheap."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.bench.servers import Server
from tests.demos.sdk.clients import ASK

MARK = b'{"type":"event",'
"""How every event begins, in a frame of either transport."""
END, LAST = b'"event":"completed"', 400
"""What the run's last event says, and how many bytes from the end it is looked for."""
RECORD_S = 60.0
AT_ONCE = 50
"""Connections opened together: a listener's queue is not deep."""
DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"


class Reader(asyncio.Protocol):
    """One connection. Counts events; never speaks again after its request."""

    def __init__(self, request: bytes) -> None:
        loop = asyncio.get_running_loop()
        self._request, self._tail, self._last = request, b"", b""
        self.head: asyncio.Future[bytes] = loop.create_future()
        """The answer's head, once it is there."""
        self.over: asyncio.Future[float] = loop.create_future()
        """When the run's end came, on the loop's clock."""
        self.events = 0
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        held = self._tail + data
        if not self.head.done():
            if b"\r\n\r\n" not in held:
                self._tail = held
                return
            head, _, held = held.partition(b"\r\n\r\n")
            self.head.set_result(head)
        # What is kept is shorter than the mark, so that nothing is counted twice.
        self.events += held.count(MARK)
        self._tail = held[-(len(MARK) - 1) :]
        self._last = (self._last + data[-LAST:])[-LAST:]
        if END in self._last and not self.over.done():
            self.over.set_result(asyncio.get_running_loop().time())

    def connection_lost(self, error: Exception | None) -> None:
        lost = ConnectionError(f"the server ended a stream after {self.events} events: {error}")
        for waiting in (self.head, self.over):
            if not waiting.done():
                waiting.set_exception(lost)
                waiting.exception()  # nobody may be waiting for it


async def make_thread(server: Server) -> str:
    async with httpx.AsyncClient(timeout=30) as http:
        made: str = (await http.post(f"{server.url}/threads", json={})).json()["thread_id"]
    return made


async def start(server: Server, thread_id: str, **knobs: Any) -> None:
    """Begin a run.

    Raises:
        RuntimeError: the server refused.
    """
    command = {"id": 1, "method": "run.start", "params": {"input": ASK, "config": {"configurable": knobs}}}
    async with httpx.AsyncClient(timeout=30) as http:
        reply = (await http.post(f"{server.url}/threads/{thread_id}/commands", json=command)).json()
    if reply["type"] != "success":
        raise RuntimeError(f"no run: {reply}")


@asynccontextmanager
async def crowd(
    server: Server, thread_id: str, transport: str, size: int, deflate: bool = False, kind: type[Reader] = Reader
) -> Any:
    """So many readers of a thread, all of them admitted.

    Raises:
        RuntimeError: one was refused.
    """
    request = _request(server, thread_id, transport, deflate).encode()
    loop, readers = asyncio.get_running_loop(), list[Reader]()
    try:
        while len(readers) < size:
            ports = [
                loop.create_connection(lambda: kind(request), "127.0.0.1", server.port)
                for _ in range(min(AT_ONCE, size - len(readers)))
            ]
            fresh = [protocol for _, protocol in await asyncio.gather(*ports)]
            readers += fresh
            _check(await asyncio.gather(*(reader.head for reader in fresh)))
        yield readers
    finally:
        for reader in readers:
            reader.transport.abort()


def _check(heads: Sequence[bytes]) -> None:
    for head in heads:
        if head.split(b" ", 2)[1] not in (b"200", b"101"):
            raise RuntimeError(f"a reader was refused: {head[:200]!r}")


def _request(server: Server, thread_id: str, transport: str, deflate: bool) -> str:
    path = f"/api/threads/{thread_id}/stream/events?channels=messages,lifecycle"
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
    if transport == "sse":
        return f"{head}Accept: text/event-stream\r\n\r\n"
    upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    return f"{head}{upgrade}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{DEFLATE if deflate else ''}\r\n"


async def record(server: Server, path: Path, knobs: dict[str, Any]) -> Path:
    """What our server says in one run, event by event, for the bare one to say again."""
    async with httpx.AsyncClient(timeout=RECORD_S) as http:
        thread_id = await make_thread(server)
        await start(server, thread_id, **{**knobs, "rate": 0})
        texts: list[str] = []
        events = f"{server.url}/threads/{thread_id}/stream/events?channels=messages,lifecycle&since=0"
        async with http.stream("GET", events) as response:
            async for line in response.aiter_lines():
                if line.startswith("data: "):
                    texts.append(line[6:])
                    if json.loads(line[6:])["params"]["data"].get("event") in ("completed", "failed"):
                        break
    path.write_text(json.dumps(texts))
    return path
