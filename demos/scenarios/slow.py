"""Scenario: one viewer reads slowly. Measures the cost for the server and the effect on the other viewer.

Each measurement has a server of its own, which has answered once: only then does its memory say something.
"""

from __future__ import annotations

import asyncio
import re
import socket
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import Literal

from demos.clients.readers import CHANNELS, Client, EventStreamClient, WebSocketClient, milliseconds
from demos.harness.excerpt import Excerpt
from demos.harness.scenario import Scenario
from demos.harness.testbed import MeasurementSetup, Stage, Subject, fresh
from demos.limits import PREFIX, Limits
from demos.protocol.run_options import Pace
from guide.model import Measurement

Transport = Literal["sse", "websocket"]
PART_BYTES, PAUSE_S = 2_048, 0.1
"""How the slow one reads: so much, and then a pause."""
RECEIVE_BUFFER_BYTES = 4_096
"""Asked of the kernel for it, or the kernel would read in its place."""
LEFT_BY_ITSELF = ("ended", "gone")
MEMORY, CLOSED = "process_resident_memory_bytes", "streamwise_streams_closed_total"
OPENS_S = 10.0
HANDSHAKE = (
    "Connection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c2xvd2x5IHNsb3dseSEhIQ==\r\n"
)
TOKENS = 20_000
"""About 7 MB of events. Less than 4 MB fits into the kernel's buffers, so a slow reader would have no effect."""
ROOM = {"COALESCE_MS": "0", "MAX_TOKENS": str(TOKENS), "MAX_THREAD_EVENTS": "100000", "MAX_THREAD_BYTES": "20000000"}
"""Every token is an event of its own, and the log keeps them all."""
ENVIRONMENT = {f"STREAMWISE_{name}": text for name, text in ROOM.items()} | {
    f"{PREFIX}{field.name.upper()}": "1" for field in fields(Limits) if field.name == "write_seconds"
}
"""A limit on writing, where the server has one, is short: it is to strike while the run is on."""


def value(metrics: str, name: str, **labels: str) -> float:
    """The sum of a metric over all series that have these labels; 0 where there is none."""
    found = re.findall(rf"^{name}(?:{{([^}}]*)}})? (\S+)$", metrics, re.MULTILINE)
    wanted = {f'{key}="{text}"' for key, text in labels.items()}
    return sum(float(number) for given, number in found if wanted <= set(given.split(",")))


@dataclass
class SlowReader:
    """A raw connection that takes a little at a time. It understands nothing of what it reads."""

    transport: Transport
    port: int
    thread_id: str
    received: bytes = b""

    async def read(self) -> None:
        """Until it is cancelled, or the server has had enough."""
        loop = asyncio.get_running_loop()
        with socket.socket() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
            connection.setblocking(False)
            await loop.sock_connect(connection, ("127.0.0.1", self.port))
            extra = HANDSHAKE if self.transport == "websocket" else ""
            path = f"/api/threads/{self.thread_id}/stream/events?channels={CHANNELS}&since=0"
            request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n{extra}\r\n"
            await loop.sock_sendall(connection, request.encode())
            with suppress(ConnectionError):
                while part := await loop.sock_recv(connection, PART_BYTES):
                    self.received += part
                    await asyncio.sleep(PAUSE_S)

    @property
    def events(self) -> int:
        return self.received.count(b'"event_id"')


def beside(transport: Transport, client: str, slow: bool) -> Subject:
    """Subject: a measured ordinary reader, with or without a slow reader beside it."""

    async def measure(_: Stage, on: MeasurementSetup) -> Measurement:
        async with fresh(ENVIRONMENT) as stage:
            await _warm_up(stage)
            thread_id = await stage.thread()
            build = EventStreamClient if transport == "sse" else WebSocketClient
            reader: Client = await asyncio.to_thread(build, stage.api, thread_id, client)
            other = SlowReader(transport, stage.child.port, thread_id)
            reading = asyncio.create_task(other.read()) if slow else None
            try:
                await asyncio.to_thread(reader.open)
                await _open(stage, transport, 1 + slow)
                before = await stage.metrics()
                started = milliseconds()
                tokens = {} if on.warm_up else {"n_tokens": TOKENS}
                await stage.start(thread_id, on.question, on.settings | tokens)
                receipt = await asyncio.to_thread(reader.receive, started)
                after = await stage.metrics()
                figures = about(other if slow else None, before, after, len(receipt.seq))
            finally:
                await asyncio.to_thread(reader.close)
                if reading is not None:
                    reading.cancel()
            return await stage.count(thread_id, receipt.model_copy(update={"figures": figures}))

    return Subject(transport, client, measure)


def about(slow: SlowReader | None, before: str, after: str, others: int) -> dict[str, float | None]:
    """What happened to the server meanwhile, and to the slow one; `others`: events that the ordinary one received."""

    def more(name: str, **labels: str) -> float:
        return value(after, name, **labels) - value(before, name, **labels)

    figures: dict[str, float | None] = {"memory_bytes": None}
    if value(after, MEMORY):  # not every system tells it
        figures["memory_bytes"] = max(0.0, more(MEMORY))
    if slow is not None:
        closed = {"transport": slow.transport}
        left = sum(more(CLOSED, **closed, reason=reason) for reason in LEFT_BY_ITSELF)
        figures |= {
            "slow_handed": more("streamwise_sent_events_total", transport=slow.transport) - others,
            "slow_received": float(slow.events),
            "slow_received_bytes": float(len(slow.received)),
            "slow_dropped": more(CLOSED, **closed) - left,
        }
    return figures


async def _warm_up(stage: Stage) -> None:
    """The agent is loaded, and the memory that any run takes is taken."""
    thread_id = await stage.thread()
    await stage.start(thread_id, "Are you there?", {"rate": 0, "first_token_ms": 0, "n_tokens": 100})
    await stage.wait_until_idle(thread_id)


async def _open(stage: Stage, transport: Transport, streams: int) -> None:
    async with asyncio.timeout(OPENS_S):
        while value(await stage.metrics(), "streamwise_streams", transport=transport) < streams:
            await asyncio.sleep(0.01)


SCENARIO = Scenario(
    order=120,
    group="limits",
    subjects=(
        beside("sse", "httpx, alone", slow=False),
        beside("websocket", "websocket-client, alone", slow=False),
        beside("sse", "httpx, beside a slow one", slow=True),
        beside("websocket", "websocket-client, beside a slow one", slow=True),
    ),
    pace=Pace(rate=0, first_token_ms=100),
    n_tokens=6_000,
    figures=("waiting", "behind_ms"),
    code=(
        Excerpt("demos/browser/transports/fetch.js", "async #read("),
        Excerpt("demos/threads/reader.py", "async def __aiter__("),
    ),
)
