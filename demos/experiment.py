"""Runs a scenario fairly: own server, one relay per run, clients in turn with the order rotated, a warm-up thrown away.

Each client reads a run of its own, with the same seed: two readers on one machine would slow each other.
"""

from __future__ import annotations

import asyncio
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from demos.child import served
from demos.clients import Client, EventStreamClient, WebSocketClient, milliseconds
from demos.evidence import versions
from demos.measure import Receipt
from demos.relay import Relay
from demos.scenarios import Scenario
from guide.model import Measurement

Build = Callable[[str, str], Client]
"""(address of the API, thread id) -> a client that is ready to open."""

CLIENTS: tuple[Build, ...] = (
    lambda api, thread: EventStreamClient(api, thread),
    lambda api, thread: WebSocketClient(api, thread),
    lambda api, thread: WebSocketClient(api, thread, name="naive", resume=False),
)
WHERE = f"{platform.system()} {platform.machine()}, loopback, one machine"


@dataclass(frozen=True)
class Result:
    """One client's numbers in one run."""

    run: int
    measurement: Measurement


@dataclass(frozen=True)
class Report:
    """Everything that is needed to judge the numbers, beside the numbers."""

    scenario: str
    title: str
    watch: str
    seed: int
    runs: int
    where: str
    how: str
    versions: dict[str, str]
    results: tuple[Result, ...]


def experiment(name: str, scenario: Scenario, runs: int, seed: int) -> Report:
    """Measure a scenario `runs` times per client, against a server of its own.

    Raises:
        RuntimeError: the server did not start.
    """
    with served() as child:
        results = asyncio.run(_measured(scenario, child.port, runs, seed))
    faults = ", ".join(str(fault) for fault in scenario.faults) or "no fault"
    how = f"TCP relay: {faults}; seed + run number as seed; clients in turn, order rotated; one warm-up each, discarded"
    return Report(name, scenario.title, scenario.watch, seed, runs, WHERE, how, versions(), tuple(results))


Control = httpx.AsyncClient
"""Tells a server what to do: makes threads, starts runs, asks how they stand."""


def controlled(port: int) -> Control:
    """For the server on this port of this machine. Enter it."""
    return Control(base_url=f"http://127.0.0.1:{port}/api", timeout=60, trust_env=False)


async def _measured(scenario: Scenario, port: int, runs: int, seed: int) -> list[Result]:
    results: list[Result] = []
    async with controlled(port) as control:
        for run in range(runs + 1):
            shift = run % len(CLIENTS)
            for build in CLIENTS[shift:] + CLIENTS[:shift]:
                # The warm-up is short: it loads code and opens caches, and is thrown away.
                found = await _one(scenario, control, port, build, seed + run, warm_up=run == 0)
                if run:
                    results.append(Result(run, found))
    return results


async def _one(scenario: Scenario, control: Control, port: int, build: Build, seed: int, warm_up: bool) -> Measurement:
    thread_id: str = (await control.post("/threads", json={})).json()["thread_id"]
    async with Relay("127.0.0.1", port, () if warm_up else scenario.faults) as relay:
        client = await asyncio.to_thread(build, f"http://127.0.0.1:{relay.port}/api", thread_id)
        try:
            await asyncio.to_thread(client.open)
            started = milliseconds()
            settings = scenario.configurable(seed) | ({"n_tokens": 3} if warm_up else {})
            await start(control, thread_id, scenario.question, settings)
            receipt = await asyncio.to_thread(client.receive, started)
        finally:
            await asyncio.to_thread(client.close)
    return await counted(control, thread_id, receipt)


async def start(control: Control, thread_id: str, question: str, settings: Mapping[str, Any]) -> None:
    """Start a run.

    Raises:
        RuntimeError: the server refused it.
    """
    message = {"role": "user", "content": question}
    params = {"input": {"messages": [message]}, "config": {"configurable": dict(settings)}}
    reply = await control.post(
        f"/threads/{thread_id}/commands", json={"id": 1, "method": "run.start", "params": params}
    )
    if reply.json()["type"] != "success":
        raise RuntimeError(f"the demo server refused the run: {reply.text}")


async def counted(control: Control, thread_id: str, receipt: Receipt) -> Measurement:
    """Count once the run is over: a client that left early has lost what was made after that as well."""
    while (await control.get(f"/threads/{thread_id}/state")).json()["status"] == "busy":
        await asyncio.sleep(0.05)
    posted = {"thread_id": thread_id, "receipts": [receipt.model_dump(mode="json")]}
    answer = await control.post("/measure", json=posted)
    answer.raise_for_status()
    return Measurement.model_validate(answer.json()["measurements"][0])
