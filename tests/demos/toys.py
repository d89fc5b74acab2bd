"""Toys for the tests of the demos: three facts, settings without waiting, and a real server on a real port."""

from __future__ import annotations

import asyncio
import datetime
import functools
import json
import socket
import threading
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from socket import socket as Connection
from typing import Any

import httpx
import uvicorn
import websocket
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from demos.agent.facts import Knowledge
from demos.agent.lost_run import LostRun
from demos.agent.steering import Heard, nothing
from demos.lab.state import Lab
from demos.limits import Limits
from demos.protocol.events import Draft
from demos.protocol.run_options import Settings
from demos.rooms.hosting.registry import Rooms
from demos.routes import door, routes
from demos.server.backend import Backend
from demos.threads.runs import Agent
from guide.model import Fact, Source
from tests.patience import seconds

WAIT_S = seconds(20.0)
"""Long enough on a busy machine; nothing waits that long when all is well."""


def fact(claim: str, figure: str = "3 s") -> Fact:
    source = (Source(title="A standard", url="https://example.org/standard"),)
    checked = datetime.date(2026, 11, 1)
    return Fact(claim=claim, figure=figure, source=source, checked=checked, basis="measured", scope="elsewhere")


KNOWLEDGE = Knowledge(
    facts={
        "reconnect": fact("EventSource reconnects by itself after a lost connection."),
        "proxy": fact("A proxy may hold an event stream back.", "4 KiB"),
        "heartbeat": fact("A heartbeat keeps an idle connection open.", "15 s"),
    },
    said={("uplink", "controls"): "the client sends a few controls"},
    cited={("uplink", "controls"): ("proxy",)},
)


class ToyAgent:
    """Says `n_tokens` words; asks first if told to. `before` is awaited before each word."""

    def __init__(self, before: Callable[[int], Awaitable[None]] | None = None) -> None:
        self.before = before
        self.forgotten: list[str] = []

    async def start(
        self, thread: str, question: str, settings: Settings, heard: Heard = nothing, run: str | None = None
    ) -> AsyncGenerator[Draft, None]:
        if question == "fail":
            yield said("message-start", role="ai")
            raise RuntimeError("the model is out of order")
        if settings.approve:
            yield Draft("input.requested", {"interrupt_id": "i1", "payload": "Sure?", "value": "Sure?"})
            return
        async for draft in self.resume(thread, {}, settings, heard):
            yield draft

    async def resume(
        self, thread: str, responses: dict[str, Any], settings: Settings, heard: Heard = nothing
    ) -> AsyncGenerator[Draft, None]:
        yield said("message-start", role="ai")
        for n in range(settings.n_tokens or 3):
            if self.before:
                await self.before(n)
            for text in (*heard(), f"word{n} "):
                yield said("content-block-delta", index=0, delta={"type": "text-delta", "text": text})
        yield said("message-finish")
        yield Draft("values", {"messages": [f"{thread}: {json.dumps(responses)}"]})

    async def recover(self, thread: str, lost: LostRun) -> AsyncGenerator[Draft, None]:
        source = self.resume(thread, dict(lost.answered), lost.settings, lost.heard)
        if lost.settings.approve and not lost.answered:
            source = self.start(thread, lost.question, lost.settings, lost.heard)
        async for draft in source:
            yield draft

    async def tokens(self, thread: str, question: str, settings: Settings) -> AsyncGenerator[str, None]:
        for n in range(3):
            if self.before:
                await self.before(n)
            yield f"word{n}"

    def scripted(self, thread: str, question: str, settings: Settings) -> AsyncGenerator[Draft, None]:
        raise NotImplementedError("toys have no script")

    def events(self, thread: str, question: str, settings: Settings) -> AsyncGenerator[tuple[Any, str], None]:
        raise NotImplementedError("toys have no graph that would say so")

    messages = events

    async def forget(self, thread: str) -> None:
        self.forgotten.append(thread)


def said(event: str, **more: Any) -> Draft:
    return Draft("messages", {"event": event, "id": "m1", **more}, node="answer")


async def never(_: int) -> None:
    await asyncio.Event().wait()


def loader(agent: Agent) -> Callable[[], Awaitable[Agent]]:
    async def load() -> Agent:
        return agent

    return load


def scripted() -> Agent:
    from demos.agent.graph import Agent as Scripted

    return Scripted(KNOWLEDGE)


@functools.cache
def shared_scripted() -> Agent:
    """langgraph takes a second to import; the graph itself holds nothing between threads."""
    return scripted()


def backend(agent: Agent | None = None, /, heartbeat_s: float = 15.0, coalesce_s: float = 0, **limits: int) -> Backend:
    """One that joins no tokens unless told to, so that a test can count events."""
    return Backend(Limits(**limits), lambda: agent or ToyAgent(), heartbeat_s, coalesce_s=coalesce_s)


@dataclass
class Served:
    """A server that is up, and the ways to talk to it."""

    port: int
    backend: Backend
    http: httpx.Client
    lab: Lab | None = None
    rooms: Rooms | None = None
    loop: asyncio.AbstractEventLoop | None = None
    opened: list[Any] = field(default_factory=list)
    """Connections to close when the test is over."""

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.port}/api"

    def thread(self) -> str:
        made: str = self.http.post("/threads", json={}).json()["thread_id"]
        return made

    def command(self, thread_id: str, method: str, **params: Any) -> dict[str, Any]:
        frame = {"id": 1, "method": method, "params": params}
        reply: dict[str, Any] = self.http.post(f"/threads/{thread_id}/commands", json=frame).json()
        return reply

    def start(self, thread_id: str, question: str = "What about reconnecting?", **configurable: Any) -> dict[str, Any]:
        given = {"rate": 0, "first_token_ms": 0, **configurable}
        messages = {"messages": [{"role": "user", "content": question}]}
        return self.command(thread_id, "run.start", input=messages, config={"configurable": given})

    def socket(self, path: str, **more: Any) -> websocket.WebSocket:
        connection = websocket.create_connection(f"ws://127.0.0.1:{self.port}/api{path}", timeout=WAIT_S, **more)
        self.opened.append(connection)
        return connection

    def go_down(self) -> None:
        """What a signal would do first."""
        assert self.loop is not None, "this server runs in another process"
        self.loop.call_soon_threadsafe(self.backend.streams.shut_down)

    def hang_up(self) -> None:
        """Close what the test left open."""
        while self.opened:
            connection = self.opened.pop()
            if isinstance(connection, websocket.WebSocket):
                connection.shutdown()  # type: ignore[no-untyped-call]  # websocket-client has no types for it
            else:
                connection.close()

    def raw(self, request: str) -> Connection:
        """A connection that has sent the request's text as it stands, with CRLFs put in."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=WAIT_S)
        self.opened.append(connection)
        connection.sendall(request.format(port=self.port).replace("\n", "\r\n").encode())
        return connection


@contextmanager
def served(
    serving: Backend | Lab | None = None, traps: Sequence[BaseRoute] = (), unchecked: str = "", **config: Any
) -> Iterator[Served]:
    """A real server on a real port, in a thread of its own; its streams are aborted at the end. `config`: uvicorn."""
    lab = serving if isinstance(serving, Lab) else Lab(serving or backend())

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None, None]:
        loops.append(asyncio.get_running_loop())
        async with lab.lifespan():
            ready.set()
            yield

    loops: list[asyncio.AbstractEventLoop] = []
    ready = threading.Event()
    rooms = Rooms(lab)
    app = Starlette(routes=routes(lab, traps, rooms=rooms), middleware=door(lab, unchecked), lifespan=lifespan)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, **config))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        assert ready.wait(WAIT_S)
        port = listener.getsockname()[1]
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}/api", timeout=WAIT_S, trust_env=False) as http:
                yield (site := Served(port, lab.backend, http, lab, rooms, loops[0]))
        finally:
            site.go_down()
            server.should_exit = True
            thread.join(WAIT_S)
            assert not thread.is_alive(), "the server did not end"
            site.hang_up()


def until(holds: Callable[[], bool]) -> None:
    """Wait for something that another thread brings about."""
    ends = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < ends, "it never came about"
        time.sleep(0.005)


def events(connection: websocket.WebSocket) -> Iterator[dict[str, Any]]:
    """Frames of a WebSocket up to the run's end."""
    while True:
        frame = json.loads(connection.recv())
        yield frame
        ends = ("completed", "failed", "interrupted")
        if frame.get("method") == "lifecycle" and frame["params"]["data"]["event"] in ends:
            return


def words(frames: Any) -> str:
    """The answer's text in a list of events."""
    deltas = (frame["params"]["data"].get("delta", {}) for frame in frames if frame.get("method") == "messages")
    return "".join(delta.get("text", "") for delta in deltas)
