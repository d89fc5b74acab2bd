"""Measures one run with one of the lab's browser clients in the system's Chromium, without the lab's page."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

from demos.clients.chromium import chromium
from demos.harness.testbed import MeasurementSetup, Stage, Subject
from demos.protocol.receipts import Receipt
from guide.model import Measurement

READ_ALONE = "async (at, ...given) => (await import(at)).readAlone(...given)"
"""Script that runs in the page, with the lab's own client classes."""
LIMIT_S = 60.0


def browsing(name: str, resumes: bool, transport: Literal["sse", "websocket"], cut: int) -> Subject:
    """Subject: one of the lab's browser clients, cut once after `cut` tokens.

    Its measurement raises RuntimeError if there is no Chromium.
    """
    known = f"{name}, {'resume code' if resumes else 'no code'}"

    async def measure(stage: Stage, on: MeasurementSetup) -> Measurement:
        thread_id = await stage.thread()
        message = {"messages": [{"role": "user", "content": on.question}]}
        given = {"input": message, "config": {"configurable": on.settings}}
        start = {"id": 1, "method": "run.start", "params": given}
        at = f"{await stage.modules()}/run/single_client.js"
        noted = await asyncio.to_thread(_read, at, stage.api, thread_id, name, start, resumes, cut)
        receipt = Receipt(transport=transport, client=known, **noted)
        heads: dict[str, Any] = (await stage.control.get(f"/traps/heads/{thread_id}")).raise_for_status().json()
        return (await stage.count(thread_id, receipt)).model_copy(update={"figures": heads[name]})

    return Subject(transport, known, measure)


def _read(
    at: str, api: str, thread_id: str, name: str, start: dict[str, Any], resumes: bool, cut: int
) -> dict[str, Any]:
    with chromium() as browser:
        page = browser.page(f"{api}/blank")
        noted: dict[str, Any] = page.run(READ_ALONE, at, api, thread_id, name, start, resumes, cut, limit_s=LIMIT_S)
        return noted
