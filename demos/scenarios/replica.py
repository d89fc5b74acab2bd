"""Scenario: the server that writes is killed, and two others are up. Measures who gets the rest of the answer."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from typing import Literal

from demos.clients.readers import Client, EventStreamClient, WebSocketClient, milliseconds
from demos.harness.excerpt import Excerpt
from demos.harness.scenario import Scenario
from demos.harness.testbed import MeasurementSetup, Stage, Subject, controlled, reading
from demos.processes.demo_server import served
from demos.protocol.receipts import Receipt, measure
from demos.scenarios.restart import SEEN, losses, read_through
from guide.model import Measurement

GROUP = ("-m", "demos.lab.replica_group")
"""Starts the servers; SIGUSR1 kills the one that writes."""
TOKENS = {"STREAMWISE_COALESCE_MS": "0"}
"""Not joined, so that missing ones can be counted where the run's own list is lost."""
APART_NAME = "httpx, no shared log"
SHARED, APART = {**TOKENS, "DEMO_GROUP": "shared"}, {**TOKENS, "DEMO_GROUP": "apart"}


def killed(
    transport: Literal["sse", "websocket"], name: str, build: Callable[[str, str], Client], is_shared: bool
) -> Subject:
    """Subject: a client whose server is killed while it reads. Each has a group of its own."""
    plain = reading(build, transport, name)

    async def measured(stage: Stage, on: MeasurementSetup) -> Measurement:
        if on.warm_up:
            return await plain.measure(stage, on)
        group = served(SHARED if is_shared else APART, command=GROUP)
        child = await asyncio.to_thread(group.__enter__)
        try:
            async with controlled(child.port) as http:
                return await _read(Stage(child, http), on, build, is_shared)
        finally:
            await asyncio.to_thread(group.__exit__, None, None, None)

    return Subject(transport, name, measured)


async def _read(own: Stage, on: MeasurementSetup, build: Callable[[str, str], Client], is_shared: bool) -> Measurement:
    async def kill() -> float:
        os.kill(own.child.pid, signal.SIGUSR1)
        return milliseconds()

    thread, receipt, ended, refused = await read_through(own, on, build, kill)
    found = receipt.model_copy(update={"figures": figures(receipt, ended, refused, on)})
    if not is_shared:
        return measure(found, None)
    counted = await own.count(thread, found)
    return counted.model_copy(update={"figures": found.figures})


def figures(receipt: Receipt, ended: float, refused: bool, on: MeasurementSetup) -> dict[str, float | None]:
    """What a client's receipt says of a kill at `ended`."""
    later = [at for at, token in zip(receipt.at, receipt.token, strict=True) if token and at > ended]
    # Tokens under way when it was killed are no sign of another server.
    pauses = [b - a for a, b in zip([ended, *later], later, strict=False)]
    return {"pause_ms": round(max(pauses), 1) if pauses else None, **losses(receipt, refused, on)}


SCENARIO = Scenario(
    order=42,
    group="failures",
    subjects=(
        killed("sse", "httpx", lambda api, thread: EventStreamClient(api, thread), True),
        killed("websocket", "websocket-client", lambda api, thread: WebSocketClient(api, thread), True),
        killed("sse", APART_NAME, lambda api, thread: EventStreamClient(api, thread, APART_NAME), False),
    ),
    n_tokens=120,
    means=f"the server that writes is killed after {SEEN} tokens; two others are up, behind the same address",
    figures=("pause_ms", "tries", "never_came", "twice", "told"),
    code=(
        Excerpt("demos/replicas/writer.py", "async def _store(self"),
        Excerpt("demos/replicas/leases.py", "async def claim("),
        Excerpt("demos/agent/retelling.py", "def _text(self"),
    ),
    child=SHARED,
    children={"shared": SHARED, "apart": APART},
    command=GROUP,
)
