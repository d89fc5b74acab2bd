"""Scenario: the connection is reset in mid-answer. Measures which clients reconnect, and what they lose."""

import asyncio
from collections.abc import Sequence

from demos.clients.readers import WebSocketClient, milliseconds
from demos.faults import Fault
from demos.faults.reset import Reset
from demos.harness.excerpt import Excerpt
from demos.harness.scenario import Scenario
from demos.harness.testbed import EVENT_STREAM, NAIVE_WEBSOCKET, WEBSOCKET, MeasurementSetup, Stage, Subject
from demos.protocol.receipts import Receipt
from guide.model import Measurement

CUT_AFTER = 20
"""Tokens of the answer, of 60: a slow machine is cut in mid-answer too."""


async def _read(stage: Stage, on: MeasurementSetup, faults: Sequence[Fault]) -> tuple[str, Receipt]:
    """One run, read by a WebSocket that does not come back: (thread, what it noted)."""
    thread_id = await stage.thread()
    async with stage.relay(faults) as relay:
        api = f"http://127.0.0.1:{relay.port}/api"
        client = await asyncio.to_thread(WebSocketClient, api, thread_id, "asks again", False)
        try:
            await asyncio.to_thread(client.open)
            started = milliseconds()
            await stage.start(thread_id, on.question, on.settings)
            return thread_id, await asyncio.to_thread(client.receive, started)
        finally:
            await asyncio.to_thread(client.close)


async def _asked_again(stage: Stage, on: MeasurementSetup) -> Measurement:
    """Sends the prompt once more when the socket is lost: another run, and what was there is said again."""
    thread_id, receipt = await _read(stage, on, on.faults)
    runs = 1
    if not receipt.finished:
        thread_id, second = await _read(stage, on, [])
        # The same seed gives the same answer under the same numbers, so what came before the cut came twice.
        noted = {name: getattr(receipt, name) + getattr(second, name) for name in ("at", "seq", "token")}
        receipt = second.model_copy(update={**noted, "started": receipt.started, "reconnects": 1})
        runs = 2
    return (await stage.count(thread_id, receipt)).model_copy(update={"figures": {"model_runs": runs}})


SCENARIO = Scenario(
    order=20,
    group="start",
    subjects=(EVENT_STREAM, WEBSOCKET, NAIVE_WEBSOCKET, Subject("websocket", "asks again", _asked_again)),
    faults=(Reset(after_ms=0, after_tokens=CUT_AFTER),),
    means=f"TCP relay: the first connection is reset after {CUT_AFTER} tokens of the answer",
    figures=("wire_bytes", "connections", "model_runs", "new_token_ms"),
    code=(
        Excerpt("demos/browser/transports/streams.js", "#supervise() {"),
        Excerpt("demos/browser/transports/streams.js", "#supervise({ code, reason }) {"),
    ),
)
