"""The official SDK's clients, driven alike: one run each, and what was seen of it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from langgraph_sdk import get_client, get_sync_client

from demos.proxies.trials import Transport
from tests.patience import seconds

WAIT_S = seconds(30)
ASK = {"messages": [{"role": "user", "content": "Does EventSource reconnect?"}]}
Heard = Callable[[int], None]
"""Told how many pieces of the answer came so far, after each."""


@dataclass
class Seen:
    """What a client was handed by the SDK."""

    pieces: list[str] = field(default_factory=list)
    output: Any = None
    error: str = ""
    """How `output` failed, if it did."""
    question: Any = None
    """What a human was asked, as the SDK tells it."""
    methods: set[str] = field(default_factory=set)
    """Of all events, where the client asked for all."""

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def take(self, event: Any, heard: Heard) -> None:
        """Note a `messages` event."""
        data = event["params"]["data"]
        if event["params"].get("node") == "answer" and data["event"] == "content-block-delta":
            self.pieces.append(data["delta"]["text"])
            heard(len(self.pieces))


def nothing(count: int) -> None:
    """Hears the pieces and does nothing."""


@dataclass(frozen=True)
class Job:
    """One run: where, over what, how the agent behaves, what is done meanwhile."""

    api: str
    transport: Transport
    configurable: dict[str, Any]
    heard: Heard = nothing
    thread_id: str | None = None
    assistant: str = "agent"
    start: bool = True
    """False: only attach to a run that somebody else has started."""
    read: bool = True
    """False: wait for the output only."""
    respond: Any = None
    cancel_at: int = 0
    """Cancel through the SDK once so many pieces came; 0: never."""


# --- the asynchronous client ---


def asynchronous(job: Job) -> Seen:
    return asyncio.run(asyncio.wait_for(_asynchronous(job), WAIT_S))


async def _asynchronous(job: Job) -> Seen:
    seen = Seen()
    async with (
        get_client(url=job.api, api_key=None) as client,
        client.threads.stream(job.thread_id, assistant_id=job.assistant, transport=job.transport) as thread,
    ):
        run = await thread.run.start(input=ASK, config={"configurable": job.configurable}) if job.start else {}

        async def read() -> None:
            async for event in thread.subscribe(["messages"]):
                seen.take(event, job.heard)
                if 0 < job.cancel_at <= len(seen.pieces) and "run_id" in run:
                    await client.runs.cancel(thread.thread_id, run.pop("run_id"))

        if job.read:
            await _asked_or_over(thread, read, seen, job)
        try:
            seen.output = await thread.output
        except Exception as error:
            seen.error = str(error)
    return seen


async def _asked_or_over(thread: Any, read: Callable[[], Any], seen: Seen, job: Job) -> None:
    try:
        await read()
    except Exception as error:
        seen.error = str(error)
    if job.respond is None or not thread.interrupted:
        return
    seen.question = thread.interrupts[0]["value"]
    reading = asyncio.create_task(read())  # before the response: afterwards everything could be missed
    await thread.run.respond(job.respond)
    await reading


# --- the synchronous client ---


def synchronous(job: Job) -> Seen:
    """In a thread of its own, so that a client that hangs fails the test and not the suite."""
    found: list[Seen | BaseException] = []

    def work() -> None:
        try:
            found.append(_synchronous(job))
        except BaseException as error:
            found.append(error)

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    worker.join(WAIT_S)
    assert found, f"the client still hangs after {WAIT_S} s"
    if isinstance(found[0], BaseException):
        raise found[0]
    return found[0]


def _synchronous(job: Job) -> Seen:
    seen = Seen()
    with (
        get_sync_client(url=job.api, api_key=None) as client,
        client.threads.stream(job.thread_id, assistant_id=job.assistant, transport=job.transport) as thread,
    ):
        run = thread.run.start(input=ASK, config={"configurable": job.configurable}) if job.start else {}

        def read() -> None:
            for event in thread.subscribe(["messages"]):
                seen.take(event, job.heard)
                if 0 < job.cancel_at <= len(seen.pieces) and "run_id" in run:
                    client.runs.cancel(thread.thread_id, run.pop("run_id"))

        try:
            if job.read:
                read()
        except Exception as error:
            seen.error = str(error)
        if job.respond is not None and thread.interrupted:
            seen.question = thread.interrupts[0]["value"]
            reading = threading.Thread(target=read)
            reading.start()
            thread.run.respond(job.respond)
            reading.join(WAIT_S)
        try:
            seen.output = thread.output
        except Exception as error:
            seen.error = str(error)
    return seen


# --- RemoteGraph ---


def remote_graph(job: Job) -> Seen:
    return asyncio.run(asyncio.wait_for(_remote_graph(job), WAIT_S))


async def _remote_graph(job: Job) -> Seen:
    from langgraph.pregel.remote import RemoteGraph

    seen = Seen()
    graph = RemoteGraph("agent", url=job.api, api_key=None)
    async with await graph.astream_events(ASK, {"configurable": job.configurable}, version="v3") as run:
        try:
            async for event in run:  # its raw iteration goes on after the run's end, by design
                if event["method"] == "messages":
                    seen.take(event, job.heard)
                seen.methods.add(event["method"])
                if event["method"] == "lifecycle" and event["params"]["data"]["event"] in ("completed", "failed"):
                    break
            seen.output = await run.output()
        except Exception as error:
            seen.error = str(error)
    return seen


CLIENTS = {"asynchronous": asynchronous, "synchronous": synchronous}
