"""Scenario: the server restarts in mid-answer and loses its log. Measures which clients reconnect or see the loss."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from typing import Literal

from demos.clients.readers import Client, EventStreamClient, WebSocketClient, milliseconds
from demos.harness.excerpt import Excerpt
from demos.harness.scenario import Scenario
from demos.harness.testbed import REST_S, MeasurementSetup, Stage, Subject, controlled, reading
from demos.processes.demo_server import Child, served
from demos.protocol.receipts import Receipt, measure
from guide.model import Measurement

DOWN_S, SEEN = 0.3, 30
"""For how long there is no process, and how many tokens it makes before; its own start comes on top."""
CHILD = {"STREAMWISE_COALESCE_MS": "0"}
"""Tokens are not joined, so that missing ones can be counted: after the restart, the run's own list is gone."""


async def _started(undo: ExitStack, port: int = 0) -> Child:
    return await asyncio.to_thread(undo.enter_context, served(CHILD, port))


async def _warmed(own: Stage, on: MeasurementSetup) -> None:
    """Make a warm-up run, since a new process loads its agent in the first one, which may exceed a client's timeout."""
    thread = await own.thread()
    await own.start(thread, on.question, on.settings | {"n_tokens": 1})
    await own.wait_until_idle(thread)


async def read_through(
    own: Stage, on: MeasurementSetup, build: Callable[[str, str], Client], lose: Callable[[], Awaitable[float]]
) -> tuple[str, Receipt, float, bool]:
    """Read an answer whose server is lost in the middle. `lose` does it, and returns when it was done.

    Returns:
        the thread, what the client received, what `lose` returned, whether the client was refused for good.
    """
    await _warmed(own, on)
    thread = await own.thread()
    client = await asyncio.to_thread(build, own.api, thread)
    try:
        await asyncio.to_thread(client.open)
        started = milliseconds()
        await own.start(thread, on.question, on.settings)
        receiving = asyncio.create_task(asyncio.to_thread(client.receive, started))
        async with asyncio.timeout(REST_S):
            while await own.made(thread) < SEEN:
                await asyncio.sleep(0.02)
        ended = await lose()
        receipt = await receiving
    finally:
        await asyncio.to_thread(client.close)
    return thread, receipt, ended, client.refused_for_good


def restarted(transport: Literal["sse", "websocket"], name: str, build: Callable[[str, str], Client]) -> Subject:
    """Subject: a client whose server restarts while it reads. Each has its own server, as a restart affects all."""
    plain = reading(build, transport, name)

    async def measured(stage: Stage, on: MeasurementSetup) -> Measurement:
        if on.warm_up:
            return await plain.measure(stage, on)
        with ExitStack() as undo:
            child = await _started(undo)
            async with controlled(child.port) as http:

                async def restart() -> float:
                    await asyncio.to_thread(child.end)
                    ended = milliseconds()
                    await asyncio.sleep(DOWN_S)
                    await _started(undo, child.port)
                    return ended

                _, receipt, ended, refused = await read_through(Stage(child, http), on, build, restart)
        return measure(receipt.model_copy(update={"figures": figures(receipt, ended, refused, on)}), None)

    return Subject(transport, name, measured)


def figures(receipt: Receipt, ended: float, refused: bool, on: MeasurementSetup) -> dict[str, float | None]:
    """What a client's receipt says of a restart that took its server away at `ended`."""
    later = [at for at in receipt.at if at > ended]
    return {"back_ms": round(later[0] - ended, 1) if later else None, **losses(receipt, refused, on)}


def losses(receipt: Receipt, refused: bool, on: MeasurementSetup) -> dict[str, float | None]:
    """What a client lost with its server, counted against the length of the answer."""
    tokens = [seq for seq, token in zip(receipt.seq, receipt.token, strict=True) if token]
    return {
        "tries": receipt.reconnects,
        "never_came": on.n_tokens - len(set(tokens)),
        "twice": len(tokens) - len(set(tokens)),
        "told": int(refused),
    }


SCENARIO = Scenario(
    order=40,
    group="failures",
    subjects=(
        restarted("sse", "httpx", lambda api, thread: EventStreamClient(api, thread)),
        restarted("websocket", "websocket-client", lambda api, thread: WebSocketClient(api, thread)),
        restarted("websocket", "naive", lambda api, thread: WebSocketClient(api, thread, "naive", resume=False)),
    ),
    n_tokens=90,
    means=f"the server's process ends on SIGTERM after {SEEN} tokens, and is started again {DOWN_S} s later",
    figures=("back_ms", "tries", "never_came", "twice", "told"),
    code=(
        Excerpt("demos/browser/transports/streams.js", "#failed(source) {"),
        Excerpt("demos/browser/transports/streams.js", "async #ask() {"),
        Excerpt("demos/browser/transports/streams.js", "#supervise({ code, reason }) {"),
    ),
    child=CHILD,
)
