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
from demos.protocol.receipts import Receipt
from guide.model import Measurement

REST_S = 60.0
"""A run that has not come to rest by then never will."""


@dataclass(frozen=True)
class MeasurementSetup:
    """One measurement that is to be taken: what is asked, with which settings, and what happens to the connections."""

    question: str
    settings: dict[str, Any]
    """The run's, as a client sends them."""
    seed: int
    faults: Sequence[Fault] = ()
    n_tokens: int = 0
    """Tokens of the whole answer."""
    warm_up: bool = False
    """Short, without faults, and thrown away: it loads code and opens caches."""


Control = httpx.AsyncClient
"""Tells a server what to do: makes threads, starts runs, asks how they stand."""


def controlled(port: int) -> Control:
    """For the server on this port of this machine. Enter it."""
    return Control(base_url=f"http://127.0.0.1:{port}/api", timeout=60, trust_env=False)


async def new_thread(control: Control) -> str:
    made: str = (await control.post("/threads", json={})).json()["thread_id"]
    return made


async def command(control: Control, thread_id: str, method: str, **params: Any) -> dict[str, Any]:
    """A command by POST, and what came back.

    Raises:
        RuntimeError: the server refused it.
    """
    frame = {"id": 1, "method": method, "params": params}
    reply: dict[str, Any] = (await control.post(f"/threads/{thread_id}/commands", json=frame)).json()
    if reply.get("type") != "success":
        raise RuntimeError(f"the demo server refused {method}: {reply.get('message', reply)}")
    return reply


async def start(control: Control, thread_id: str, question: str, settings: Mapping[str, Any]) -> str:
    """Begin a run; its id. Raises as `command` does."""
    message = {"messages": [{"role": "user", "content": question}]}
    reply = await command(control, thread_id, "run.start", input=message, config={"configurable": dict(settings)})
    run_id: str = reply["result"]["run_id"]
    return run_id


async def wait_until_idle(control: Control, thread_id: str) -> None:
    """Wait until nothing is written there any more.

    Raises:
        TimeoutError: it goes on and on.
    """
    async with asyncio.timeout(REST_S):
        while (await control.get(f"/threads/{thread_id}/state")).json()["status"] == "busy":
            await asyncio.sleep(0.02)


async def counted(control: Control, thread_id: str, receipt: Receipt) -> Measurement:
    """Count once the run is over: a client that left early has lost what was made after that as well."""
    await wait_until_idle(control, thread_id)
    posted = {"thread_id": thread_id, "receipts": [receipt.model_dump(mode="json")]}
    answer = await control.post("/measure", json=posted)
    answer.raise_for_status()
    return Measurement.model_validate(answer.json()["measurements"][0])


class Stage:
    """An experiment's server, over its API."""

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
        """Tokens of the answer that the thread's newest run has made so far: what somebody who saw none of it lacks."""
        nobody = Receipt(transport="sse", client="nobody", at=(), seq=(), token=(), thread_id=thread_id)
        posted = {"receipts": [nobody.model_dump(mode="json")]}
        tokens: int = (await self.control.post("/measure", json=posted)).json()["measurements"][0]["lost"]
        return tokens

    async def count(self, thread_id: str, receipt: Receipt) -> Measurement:
        return await counted(self.control, thread_id, receipt)

    async def modules(self) -> str:
        """Where the server has the lab's scripts for a browser; a module's path goes behind it."""
        health: dict[str, str] = (await self.control.get("/health")).raise_for_status().json()
        return f"{self.api}/{health['modules']}"

    async def metrics(self) -> str:
        """What the server counts, in Prometheus' text format."""
        return (await self.control.get("/metrics")).text

    def relay(self, faults: Sequence[Fault] = (), bytes_per_s: float | None = None) -> Relay:
        """A TCP relay in front of the server, as narrow as is wanted; enter it."""
        return Relay("127.0.0.1", self.child.port, faults, bytes_per_s=bytes_per_s)


@asynccontextmanager
async def fresh(environment: Mapping[str, str]) -> AsyncIterator[Stage]:
    """A stage on a server that nobody has used yet, so that its memory can be told.

    Raises:
        RuntimeError: it did not start.
    """
    with ExitStack() as opened:
        child = await asyncio.to_thread(opened.enter_context, served(environment))
        async with controlled(child.port) as control:
            yield Stage(child, control)


@dataclass(frozen=True)
class Subject:
    """Who is measured, and how."""

    transport: Literal["sse", "websocket"]
    client: str
    measure: Callable[[Stage, MeasurementSetup], Awaitable[Measurement]]


def reading(build: Callable[[str, str], Client], transport: Literal["sse", "websocket"], client: str) -> Subject:
    """A client that reads one run through a relay with the scenario's faults.

    `build` takes the API's address and a thread's id, and returns a client that is ready to open.
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
