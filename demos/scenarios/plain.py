"""Scenario: one run without faults, to compare the two transports."""

from demos.harness.excerpt import Excerpt
from demos.harness.scenario import Scenario
from demos.harness.testbed import EVENT_STREAM, WEBSOCKET

SCENARIO = Scenario(
    order=10,
    group="start",
    subjects=(EVENT_STREAM, WEBSOCKET),
    figures=("wire_bytes", "connections", "stop_ms", "after_stop"),
    code=(
        Excerpt("demos/connections/responses.py", "async def sse_frames("),
        Excerpt("demos/connections/responses.py", "async def send_frames("),
    ),
)
