"""Measures a call from a page of another site, in the system's Chromium: what it opens, reads and causes."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any, Literal

from demos.clients.chromium import chromium
from demos.harness.testbed import MeasurementSetup, Stage, Subject
from demos.protocol.receipts import Receipt
from demos.protocol.receipts import measure as count
from guide.model import Measurement

_TRY = """async (kind, url) => {
  if (document.readyState !== "complete") await new Promise((done) => addEventListener("load", done));
  return attempt(kind, url);
}"""
UNCHECKED = "/traps/unchecked"
"""Path below which a child server accepts any origin."""
ENDINGS = {"sse": "naive", "websocket": "socket"}


def foreign(transport: Literal["sse", "websocket"], checked: bool) -> Subject:
    """Subject: one call from another site, to a server that checks Origin or to one that does not.

    Its measurement raises RuntimeError if there is no Chromium.
    """
    client = f"{'EventSource' if transport == 'sse' else 'WebSocket'}, Origin {'checked' if checked else 'not checked'}"

    async def measure(stage: Stage, on: MeasurementSetup) -> Measurement:
        await stage.wait_until_idle(await _warm(stage, on))
        path = f"{'' if checked else UNCHECKED}/traps/answers/{uuid.uuid4()}"
        query = f"channels=messages&seed={on.seed}&rate=100&n_tokens=10&first_token_ms=50"
        url = f"{stage.api}{path}/{ENDINGS[transport]}?{query}"
        found = await asyncio.to_thread(_attempt, stage.child.port, transport, url)
        told = await stage.control.get(path)
        runs = 0 if told.status_code == 404 else told.raise_for_status().json()["model_runs"]
        receipt = Receipt(transport=transport, client=client, at=(), seq=(), token=(), counted=False)
        # The client read no run with a log, so only these figures are known.
        return count(receipt, None).model_copy(update={"figures": {**found, "model_runs": runs}})

    return Subject(transport, client, measure)


async def _warm(stage: Stage, on: MeasurementSetup) -> str:
    """Start a run of one token to load the agent; returns its thread id."""
    thread_id = await stage.thread()
    await stage.start(thread_id, on.question, {"n_tokens": 1})
    return thread_id


def _attempt(port: int, kind: str, url: str) -> dict[str, Any]:
    """Call from a page of localhost to 127.0.0.1, which is another site for a browser."""
    with chromium() as browser:
        page = browser.page(f"http://localhost:{port}/api/traps/unchecked/frame")
        found: dict[str, Any] = page.run(_TRY, kind, url)
        return found
