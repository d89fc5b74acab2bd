"""One run, nothing goes wrong: the two transports beside each other."""

from demos.excerpt import Excerpt
from demos.scenarios import Scenario
from demos.stage import EVENT_STREAM, WEBSOCKET

SCENARIO = Scenario(
    order=10,
    subjects=(EVENT_STREAM, WEBSOCKET),
    figures=("wire_bytes", "connections", "stop_ms", "after_stop"),
    code=(
        Excerpt("demos/carriers.py", "async def sse_frames("),
        Excerpt("demos/carriers.py", "async def send_frames("),
    ),
)
