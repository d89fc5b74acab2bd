"""Scenario: a large tool result and the tokens share a narrow path. Measures the delay of the tokens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Literal

from demos.clients.readers import CHANNELS, Client, EventStreamClient, WebSocketClient, milliseconds
from demos.harness.excerpt import Excerpt
from demos.harness.scenario import Scenario
from demos.harness.testbed import MeasurementSetup, Stage, Subject
from guide.model import Measurement

BLOB_BYTES, PART_BYTES = 500_000, 16_384
BYTES_PER_S = 1_000_000
APART_AFTER_MS = 900
"""When it is fetched apart: about when the others get it in their stream."""
Build = Callable[[str, str, str], Client]
"""The API's address, a thread's id, a name -> a client that is ready to open."""


def carrying(
    build: Build, transport: Literal["sse", "websocket"], client: str, run: Mapping[str, int], apart: bool = False
) -> Subject:
    """Subject: reads one run through a bottleneck; the blob is in the stream, as set in `run`, or fetched apart."""

    async def measure(stage: Stage, on: MeasurementSetup) -> Measurement:
        thread_id = await stage.thread()
        async with stage.relay(bytes_per_s=BYTES_PER_S) as relay:
            reader = await asyncio.to_thread(build, f"http://127.0.0.1:{relay.port}/api", thread_id, client)
            try:
                await asyncio.to_thread(reader.open)
                started = milliseconds()
                await stage.start(thread_id, on.question, {**on.settings, **({} if on.warm_up else run)})
                fetching = asyncio.create_task(_fetched(relay.port, on.warm_up)) if apart else None
                receipt = await asyncio.to_thread(reader.receive, started)
                took = reader.carried_ms if fetching is None else await fetching
            finally:
                await asyncio.to_thread(reader.close)
        figures = {"blob_ms": None if took is None else round(took, 2)}
        return await stage.count(thread_id, receipt.model_copy(update={"figures": figures}))

    return Subject(transport, client, measure)


async def _fetched(port: int, warm_up: bool) -> float:
    """Get the blob on a connection of its own; how long that took, in milliseconds."""
    await asyncio.sleep(0 if warm_up else APART_AFTER_MS / 1000)
    began = milliseconds()
    reading, writing = await asyncio.open_connection("127.0.0.1", port)
    path = f"/api/blob?bytes={BLOB_BYTES}"
    writing.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
    while await reading.read(65_536):
        pass
    writing.close()
    return milliseconds() - began


def _event_stream(api: str, thread_id: str, name: str) -> Client:
    return EventStreamClient(api, thread_id, name, channels=f"{CHANNELS},custom:blob")


def _websocket(api: str, thread_id: str, name: str) -> Client:
    return WebSocketClient(api, thread_id, name, channels=f"{CHANNELS},custom:blob")


WHOLE = {"blob_bytes": BLOB_BYTES}
PARTS = {**WHOLE, "blob_part_bytes": PART_BYTES}
SCENARIO = Scenario(
    order=130,
    group="limits",
    subjects=(
        carrying(_event_stream, "sse", "httpx, whole", WHOLE),
        carrying(_websocket, "websocket", "websocket-client, whole", WHOLE),
        carrying(_event_stream, "sse", "httpx, fetched apart", {}, apart=True),
        carrying(_websocket, "websocket", "websocket-client, in parts", PARTS),
    ),
    figures=("blob_ms", "blob_parts", "largest_bytes"),
    code=(
        Excerpt("demos/agent/large_result.py", "def after(self, draft: Draft)"),
        Excerpt("demos/browser/scenarios/large.js", "async function apart("),
    ),
)
