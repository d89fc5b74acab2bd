"""Test environment of an experiment: a demo server of its own, and functions to control it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal

import httpx

from demos.clients.readers import Client, EventStreamClient, WebSocketClient, milliseconds
from demos.faults import Fault
from demos.harness.relay import Relay
from demos.processes.demo_server import Child, served
from demos.protocol.events import TOKEN_MARK
from demos.protocol.receipts import Receipt
from guide.model import Measurement

KEPT_S = 1.0
"""How long an idle connection is used again. The server closes one after 5 s, and a request just then would be lost."""
REST_S = 60.0
"""Maximum seconds to wait for the end of a run."""


@dataclass(frozen=True)
class MeasurementSetup:
    """Set-up of one measurement: question, settings of the run, and faults of the connections."""

    question: str
    settings: dict[str, Any]
    """Settings of the run, as a client sends them."""
    seed: int
    faults: Sequence[Fault] = ()
    n_tokens: int = 0
    """Tokens of the whole answer."""
    warm_up: bool = False
    """A short run without faults that loads code and fills caches; its result is discarded."""


Control = httpx.AsyncClient
"""HTTP client that controls a server: creates threads, starts runs, reads their state."""


def controlled(port: int) -> Control:
    """Return a control client for the server on this port; use it as a context manager."""
    kept = httpx.Limits(keepalive_expiry=KEPT_S)
    return Control(base_url=f"http://127.0.0.1:{port}/api", timeout=60, trust_env=False, limits=kept)


async def new_thread(control: Control) -> str:
    made: str = (await control.post("/threads", json={})).json()["thread_id"]
    return made


async def command(control: Control, thread_id: str, method: str, **params: Any) -> dict[str, Any]:
    """Send a command by POST and return the reply.

    Raises:
        RuntimeError: the server refused it.
    """
    frame = {"id": 1, "method": method, "params": params}
    reply: dict[str, Any] = (await control.post(f"/threads/{thread_id}/commands", json=frame)).json()
    if reply.get("type") != "success":
        raise RuntimeError(f"the demo server refused {method}: {reply.get('message', reply)}")
    return reply


async def start(control: Control, thread_id: str, question: str, settings: Mapping[str, Any]) -> str:
    """Start a run; returns its id. Raises as `command` does."""
    message = {"messages": [{"role": "user", "content": question}]}
    reply = await command(control, thread_id, "run.start", input=message, config={"configurable": dict(settings)})
    run_id: str = reply["result"]["run_id"]
    return run_id


async def wait_until_idle(control: Control, thread_id: str) -> None:
    """Wait until the thread has no active run.

    Raises:
        TimeoutError: the run is still active after REST_S.
    """
    async with asyncio.timeout(REST_S):
        while (await control.get(f"/threads/{thread_id}/state")).json()["status"] == "busy":
            await asyncio.sleep(0.02)


async def counted(control: Control, thread_id: str, receipt: Receipt) -> Measurement:
    """Count a receipt after the run's end: a client that left early has lost the later tokens as well."""
    await wait_until_idle(control, thread_id)
    posted = {"thread_id": thread_id, "receipts": [receipt.model_dump(mode="json")]}
    answer = await control.post("/measure", json=posted)
    answer.raise_for_status()
    return Measurement.model_validate(answer.json()["measurements"][0])


class Stage:
    """The server of an experiment, controlled over its API."""

    def __init__(self, child: Child, control: Control) -> None:
        self.child, self.control = child, control

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.child.port}/api"

    async def thread(self) -> str:
        return await new_thread(self.control)

    async def command(self, thread_id: str, method: str, **params: Any) -> dict[str, Any]:
        return await command(self.control, thread_id, method, **params)

    async def start(self, thread_id: str, question: str, settings: Mapping[str, Any]) -> str:
        return await start(self.control, thread_id, question, settings)

    async def wait_until_idle(self, thread_id: str) -> None:
        await wait_until_idle(self.control, thread_id)

    async def made(self, thread_id: str) -> int:
        """Number of tokens that the newest run has made so far, counted as the loss of a client that saw none."""
        nobody = Receipt(transport="sse", client="nobody", at=(), seq=(), token=(), thread_id=thread_id)
        posted = {"receipts": [nobody.model_dump(mode="json")]}
        tokens: int = (await self.control.post("/measure", json=posted)).json()["measurements"][0]["lost"]
        return tokens

    async def count(self, thread_id: str, receipt: Receipt) -> Measurement:
        return await counted(self.control, thread_id, receipt)

    async def modules(self) -> str:
        """Address of the lab's browser scripts on the server; append a module's path."""
        health: dict[str, str] = (await self.control.get("/health")).raise_for_status().json()
        return f"{self.api}/{health['modules']}"

    async def metrics(self) -> str:
        """Return the server's metrics in Prometheus' text format."""
        return (await self.control.get("/metrics")).text

    def relay(self, faults: Sequence[Fault] = (), bytes_per_s: float | None = None, mark: bytes = TOKEN_MARK) -> Relay:
        """Return a TCP relay in front of the server, with optional bandwidth limit; use it as a context manager.

        `mark`: what faults that wait for tokens wait for.
        """
        return Relay("127.0.0.1", self.child.port, faults, bytes_per_s=bytes_per_s, token_mark=mark)


@asynccontextmanager
async def fresh(environment: Mapping[str, str]) -> AsyncIterator[Stage]:
    """A stage on a new, unused server, so that its memory can be measured.

    Raises:
        RuntimeError: it did not start.
    """
    with ExitStack() as opened:
        child = await asyncio.to_thread(opened.enter_context, served(environment))
        async with controlled(child.port) as control:
            yield Stage(child, control)


@dataclass(frozen=True)
class Subject:
    """A client to measure, and the function that measures it."""

    transport: Literal["sse", "websocket"]
    client: str
    measure: Callable[[Stage, MeasurementSetup], Awaitable[Measurement]]


def reading(build: Callable[[str, str], Client], transport: Literal["sse", "websocket"], client: str) -> Subject:
    """Subject: a client that reads one run through a relay with the scenario's faults.

    `build`: takes the API's address and a thread's id, and returns a client that is not open yet.
    """

    async def measure(stage: Stage, on: MeasurementSetup) -> Measurement:
        thread_id = await stage.thread()
        async with stage.relay(on.faults) as relay:
            # Built and opened before the clock starts: building an httpx client costs tens of milliseconds.
            reader = await asyncio.to_thread(build, f"http://127.0.0.1:{relay.port}/api", thread_id)
            try:
                await asyncio.to_thread(reader.open)
                started = milliseconds()
                await stage.start(thread_id, on.question, on.settings)
                receipt = await asyncio.to_thread(reader.receive, started)
            finally:
                await asyncio.to_thread(reader.close)
        passed = sum(one.down for one in relay.passed)
        found = await stage.count(thread_id, receipt)
        figures = {**found.figures, "wire_bytes": passed, "connections": len(relay.passed)}
        return found.model_copy(update={"figures": figures})

    return Subject(transport, client, measure)


EVENT_STREAM = reading(lambda api, thread: EventStreamClient(api, thread), "sse", "httpx")
WEBSOCKET = reading(lambda api, thread: WebSocketClient(api, thread), "websocket", "websocket-client")
NAIVE_WEBSOCKET = reading(lambda api, thread: WebSocketClient(api, thread, "naive", resume=False), "websocket", "naive")
