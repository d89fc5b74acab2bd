"""Scenario: a second viewer joins in mid-answer. Measures what it sees, and how soon it catches up with the first."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate
from typing import Literal

from demos.clients.readers import Client, EventStreamClient, WebSocketClient, milliseconds
from demos.harness.excerpt import Excerpt
from demos.harness.scenario import Scenario
from demos.harness.testbed import MeasurementSetup, Stage, Subject
from demos.protocol.receipts import Receipt
from guide.model import Measurement

JOINS_AT = 75
"""Events in the log: some 40 tokens of the answer."""
Build = Callable[[str, str, str, int], Client]
"""The API's address, a thread's id, a name, the position to begin after -> a client that is ready to open."""


def caught_up_ms(first: Receipt, late: Receipt) -> float | None:
    """From joining until the late viewer has all that the first one has at that moment. None: it never had all."""
    if not late.seq or late.seq[0] > first.seq[0]:
        return None
    newest = list(accumulate(first.seq, max))
    for at, seq in zip(late.at, accumulate(late.seq, max), strict=True):
        had = bisect_right(first.at, at)
        if not had or seq >= newest[had - 1]:
            return round(at - late.started, 2)
    return None


def joining(build: Build, transport: Literal["sse", "websocket"], client: str, log: bool) -> Subject:
    """Reads one run from its start with one client, and joins it with another, which is the one measured."""

    async def measure(stage: Stage, on: MeasurementSetup) -> Measurement:
        thread_id = await stage.thread()
        first = await asyncio.to_thread(build, stage.api, thread_id, "first", 0)
        await asyncio.to_thread(first.open)
        started = milliseconds()
        await stage.start(thread_id, on.question, on.settings)
        reading = asyncio.create_task(asyncio.to_thread(first.receive, started))
        position = await _joined(stage, thread_id)
        # A warm-up is over before anybody joins: without its log there would be nothing to read.
        since = 0 if log or on.warm_up else position
        late = await asyncio.to_thread(build, stage.api, thread_id, client, since)
        try:
            joined = milliseconds()
            await asyncio.to_thread(late.open)
            seen = await asyncio.to_thread(late.receive, joined)
            whole = await reading
        finally:
            for each in (first, late):
                await asyncio.to_thread(each.close)
        had = bisect_right(whole.at, joined)
        figures = {
            "joined_at": float(sum(whole.token[:had])),
            "replayed": float(bisect_right(seen.seq, max(whole.seq[:had], default=0))),
            "caught_up_ms": caught_up_ms(whole, seen),
        }
        return await stage.count(thread_id, seen.model_copy(update={"figures": figures}))

    return Subject(transport, client, measure)


async def _joined(stage: Stage, thread_id: str) -> int:
    """Wait for the moment; the position of the log then. A run that is over before is joined at its end."""
    while True:
        state = (await stage.control.get(f"/threads/{thread_id}/state")).json()
        position: int = state["metadata"]["last_seq"]
        if position >= JOINS_AT or state["status"] != "busy":
            return position
        await asyncio.sleep(0.005)


def _event_stream(api: str, thread_id: str, name: str, since: int) -> Client:
    return EventStreamClient(api, thread_id, name, asks={"since": since})


def _websocket(api: str, thread_id: str, name: str, since: int) -> Client:
    return WebSocketClient(api, thread_id, name, asks={"since": since})


SCENARIO = Scenario(
    order=75,
    group="agents",
    subjects=(
        joining(_event_stream, "sse", "httpx, late", log=True),
        joining(_websocket, "websocket", "websocket-client, late", log=True),
        joining(_event_stream, "sse", "httpx, late, no log", log=False),
        joining(_websocket, "websocket", "websocket-client, late, no log", log=False),
    ),
    n_tokens=90,
    figures=("joined_at", "replayed", "caught_up_ms"),
    code=(
        Excerpt("demos/threads/event_log.py", "if seq > self._last or seq < self.oldest - 1:"),
        Excerpt("demos/threads/replay.py", "def beginning("),
    ),
)
