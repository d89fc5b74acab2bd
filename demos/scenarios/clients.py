"""Scenario: three browser clients, cut once. Shows what each can send, and which one reconnects by itself."""

from demos.harness.browser_subject import browsing
from demos.harness.excerpt import Excerpt
from demos.harness.scenario import Scenario
from demos.protocol.run_options import Pace

CUT = 15

SCENARIO = Scenario(
    order=100,
    group="limits",
    subjects=(
        browsing("EventSource", False, "sse", CUT),
        browsing("fetch", False, "sse", CUT),
        browsing("fetch", True, "sse", CUT),
        browsing("WebSocket", False, "websocket", CUT),
        browsing("WebSocket", True, "websocket", CUT),
    ),
    pace=Pace(rate=30, first_token_ms=300, jitter=0.3),
    n_tokens=45,
    figures=("requests", "posted", "authorized"),
    code=(
        Excerpt("demos/browser/transports/streams.js", "#supervise() {"),
        Excerpt("demos/browser/transports/fetch.js", "async #read(asking) {"),
        Excerpt("guide/knowledge/starter/web/event_stream.js", "function* events(bytes, heard) {"),
        Excerpt("demos/browser/transports/fetch.js", "#supervise() {"),
        Excerpt("demos/browser/transports/streams.js", "#supervise({ code, reason }) {"),
    ),
    child={"LAB_TRAPS": "heads"},
)
