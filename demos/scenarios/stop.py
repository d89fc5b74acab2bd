"""Scenario: the user stops the answer. Measures when the model stops, and how many tokens are wasted."""

from demos.harness.excerpt import Excerpt
from demos.harness.scenario import Scenario
from demos.harness.stopping_subject import stopping
from demos.protocol.run_options import Pace

SCENARIO = Scenario(
    order=50,
    group="agents",
    subjects=(
        stopping("good", "close", "sse"),
        stopping("good", "close", "websocket"),
        stopping("good", "explicit", "sse"),
        stopping("good", "explicit", "websocket"),
        stopping("kept", "close", "sse"),
        stopping("kept", "close", "websocket"),
        stopping("blocking", "close", "sse"),
        stopping("blocking", "explicit", "websocket"),
        stopping("detached", "close", "sse"),
        stopping("detached", "explicit", "websocket"),
        stopping("deaf", "explicit", "sse"),
        stopping("deaf", "explicit", "websocket"),
    ),
    pace=Pace(rate=40, first_token_ms=100, jitter=0.3),
    n_tokens=40,
    figures=("model_stop_ms", "wasted_tokens", "after_stop"),
    code=(
        Excerpt("demos/server/websocket.py", "async def hold(self"),
        Excerpt("demos/broken_servers/ignores_stop.py", "async def blocking("),
        Excerpt("demos/broken_servers/ignores_stop.py", "async def detached("),
        Excerpt("demos/broken_servers/ignores_stop.py", "async def websocket("),
    ),
    child={"LAB_TRAPS": "stop"},
)
