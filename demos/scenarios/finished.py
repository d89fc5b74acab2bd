"""Scenario: the response ends normally. Measures which clients take that for a lost connection and ask again."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from typing import Literal

from demos.clients.readers import Client, EventStreamClient, WebSocketClient, milliseconds
from demos.harness.excerpt import Excerpt
from demos.harness.scenario import Scenario
from demos.harness.testbed import MeasurementSetup, Stage, Subject
from demos.protocol.receipts import measure
from demos.protocol.run_options import Pace
from guide.model import Measurement

ASKS_AGAIN = 2
"""How often the naive client comes back before the measurement ends; it would not end by itself."""


def asking(transport: Literal["sse", "websocket"], name: str, build: Callable[[str, str], Client]) -> Subject:
    """A client that asks for one answer. `build` takes the API's address, and the answer's path with its settings."""

    async def measured(stage: Stage, on: MeasurementSetup) -> Measurement:
        key = uuid.uuid4().hex
        query = "&".join(f"{name}={value}" for name, value in on.settings.items() if name != "jitter")
        client = build(stage.api, f"/traps/answers/{key}/{{}}?{query}&channels=messages")
        started = milliseconds()
        try:
            await asyncio.to_thread(client.open)
            receipt = await asyncio.to_thread(client.receive, started)
        finally:
            await asyncio.to_thread(client.close)
        tokens = [seq for seq, token in zip(receipt.seq, receipt.token, strict=True) if token]
        ledger = (await stage.control.get(f"/traps/answers/{key}")).json()
        figures = ledger | {"twice": len(tokens) - len(set(tokens))}
        return measure(receipt.model_copy(update={"figures": figures}), None)

    return Subject(transport, name, measured)


def _stream(name: str, ending: str, most: int = ASKS_AGAIN) -> Callable[[str, str], Client]:
    return lambda api, path: EventStreamClient(api, "", name, path=path.format(ending), most_reconnects=most)


SCENARIO = Scenario(
    order=30,
    group="failures",
    subjects=(
        asking("sse", "naive", _stream("naive", "naive")),
        asking("sse", "last event", _stream("last event", "done")),
        asking("sse", "status 204", _stream("status 204", "status")),
        asking(
            "websocket", "naive", lambda api, path: WebSocketClient(api, "", "naive", False, path=path.format("socket"))
        ),
    ),
    pace=Pace(rate=60, first_token_ms=100),
    n_tokens=30,
    means=f"no relay, no fault: the response ends in good order; the naive client comes back {ASKS_AGAIN} times",
    figures=("requests", "model_runs", "made", "twice"),
    code=(
        Excerpt("demos/broken_servers/naive.py", "async def _frames("),
        Excerpt("demos/server/streams.py", "async def sse_get("),
        Excerpt("demos/browser/run/connection.js", "const hear = ("),
    ),
)
