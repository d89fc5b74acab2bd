"""Scenario: seven streams from one browser to one server over HTTP/1.1, which runs into the browser's limit."""

from __future__ import annotations

import asyncio
from typing import Literal

from demos.clients.chromium import chromium
from demos.harness.excerpt import Excerpt
from demos.harness.scenario import Scenario
from demos.harness.testbed import MeasurementSetup, Stage, Subject
from demos.protocol.receipts import Receipt, measure
from guide.model import Measurement

SEVEN = "async (at, ...given) => new (await import(at)).Seven(...given).run()"
"""Runs in the page: the lab's own class."""
PATIENCE_MS, WARM_UP_MS = 2000, 100


def seven(transport: Literal["sse", "websocket"], name: str, kind: str) -> Subject:
    """Chromium, with seven connections of one kind to the experiment's server. `kind`: as the script calls it."""

    async def measured(stage: Stage, on: MeasurementSetup) -> Measurement:
        url = f"{stage.api}/threads/{await stage.thread()}/stream/events?channels=messages"
        found = await asyncio.to_thread(
            _found, stage.api, await stage.modules(), kind, url, WARM_UP_MS if on.warm_up else PATIENCE_MS
        )
        figures = {name: value if value is None else round(value, 1) for name, value in found.items()}
        return measure(Receipt(transport=transport, client=name, at=(), seq=(), token=(), figures=figures), None)

    return Subject(transport, name, measured)


def _found(api: str, modules: str, kind: str, url: str, patience_ms: int) -> dict[str, float | None]:
    """A fresh browser for each, so that no connection of another is still there."""
    at = f"{modules}/transports/many_tabs.js"
    with chromium() as browser:
        found: dict[str, float | None] = browser.page(f"{api}/blank").run(SEVEN, at, kind, url, patience_ms)
        return found


SCENARIO = Scenario(
    order=90,
    group="limits",
    subjects=(
        seven("sse", "EventSource", "eventsource"),
        seven("sse", "fetch", "fetch"),
        seven("websocket", "WebSocket", "socket"),
    ),
    means=f"a fresh headless Chromium each, HTTP/1.1; not open after {PATIENCE_MS} ms: hangs; then one is closed",
    figures=("opened", "hanging", "seventh_ms", "let_in_ms"),
    code=(
        Excerpt("demos/browser/transports/many_tabs.js", "const SLOT = {"),
        Excerpt("demos/browser/transports/many_tabs.js", "async #letIn(last) {"),
    ),
    child={},
)
