"""Scenario: a tool is silent for a while, and the path cuts silent connections; without a heartbeat, and with one."""

from demos.clients.readers import Asks, EventStreamClient, WebSocketClient
from demos.faults.idle import Idle
from demos.harness.excerpt import Excerpt
from demos.harness.scenario import Scenario
from demos.harness.testbed import Subject, reading

SILENCE_MS, LIMIT_MS, HEARTBEAT_MS = 3_000, 750, 250
MOST_CUTS = 6
"""More connections than a silence of that length can cost."""


def _subjects(heartbeat_ms: int, how: str) -> tuple[Subject, Subject]:
    asks: Asks = {"heartbeat_ms": heartbeat_ms}
    sse = reading(
        lambda api, thread: EventStreamClient(api, thread, f"httpx, {how}", asks=asks), "sse", f"httpx, {how}"
    )
    name = f"websocket-client, {how}"
    return sse, reading(lambda api, thread: WebSocketClient(api, thread, name, asks=asks), "websocket", name)


NAIVE = reading(
    lambda api, thread: WebSocketClient(api, thread, "naive, no heartbeat", resume=False, asks={"heartbeat_ms": 0}),
    "websocket",
    "naive, no heartbeat",
)
SCENARIO = Scenario(
    order=25,
    group="start",
    subjects=(*_subjects(0, "no heartbeat"), NAIVE, *_subjects(HEARTBEAT_MS, "heartbeat")),
    settings={"silence_ms": SILENCE_MS},
    faults=(Idle(LIMIT_MS),) * MOST_CUTS,
    figures=("cuts", "heartbeats", "alarms", "connections"),
    code=(
        Excerpt("demos/threads/reader.py", "async def __aiter__("),
        Excerpt("demos/browser/run/watch.js", "#tick() {"),
    ),
)
