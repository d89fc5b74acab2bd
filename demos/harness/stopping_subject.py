"""Measures clients that stop an answer in the middle, with the server's ledger of what followed. Event stream first."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

import httpx
import websocket

from demos.clients.readers import CHANNELS, milliseconds
from demos.clients.recorder import Recording
from demos.harness.testbed import MeasurementSetup, Stage, Subject
from demos.protocol import sse
from demos.protocol.events import encode
from guide.model import Measurement

Way = Literal["close", "explicit"]
SERVERS: dict[str, dict[str, Any]] = {
    "good": {"on_disconnect": "stop", "grace_ms": 0},
    "kept": {"on_disconnect": "keep"},
}
"""Settings of our own server, by its behaviour without readers. Other names are broken servers."""
AFTER = 10
"""Number of tokens before the stop."""
ASK_S = 0.05


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


@dataclass(frozen=True)
class Place:
    """Address of an answer that starts when its reader is ready."""

    api: str
    thread_id: str
    path: str
    begin: Callable[[], None]
    """Starts the answer; called when the reader listens."""


@dataclass
class Stopped:
    """Record of the client, and the time of its stop."""

    notes: Recording
    stopped_ms: int = 0
    """Milliseconds since 1970, as in the server's log; 0: the answer ended before the stop."""
    had: int = 0
    started: float = 0.0

    def stop(self) -> None:
        """Record the time of the stop and the tokens received before it."""
        self.stopped_ms, self.had = _now_ms(), self.tokens

    @property
    def tokens(self) -> int:
        return sum(self.notes.token)


def read_sse(place: Place, way: Way) -> Stopped:
    """Read some tokens, then close the stream; or send a stop by POST and read on."""
    seen, decoder = Stopped(Recording(milliseconds)), sse.Decoder()
    # Connect before the stop, so that its time does not include the connection.
    with (
        httpx.Client(base_url=place.api, timeout=30, trust_env=False) as beside,
        httpx.Client(base_url=place.api, timeout=30, trust_env=False) as http,
    ):
        beside.get("/health")
        with http.stream("GET", place.path, params={"channels": CHANNELS}) as response:
            response.raise_for_status()
            seen.started = milliseconds()
            place.begin()
            for chunk in response.iter_raw():
                for message in decoder.feed(chunk):
                    if message.event != "ping":
                        seen.notes.record(message.data, 0)
                if seen.notes.finished:
                    break
                if seen.tokens >= AFTER and not seen.stopped_ms:
                    seen.stop()
                    if way == "close":
                        break
                    _post_stop(beside, place)
    return seen


def _post_stop(http: httpx.Client, place: Place) -> None:
    if place.path.startswith("/traps"):
        http.post(f"{place.path}/stop").raise_for_status()
    else:
        http.post(f"/threads/{place.thread_id}/commands", json={"id": 1, "method": "run.cancel"}).raise_for_status()


def read_websocket(place: Place, way: Way) -> Stopped:
    """Read some tokens, then close the socket; or send a stop on it and read on."""
    seen = Stopped(Recording(milliseconds))
    url = f"{place.api.replace('http', 'ws', 1)}{place.path}"
    socket = websocket.create_connection(url, timeout=30, http_no_proxy=["*"])
    try:
        hello = {"channels": CHANNELS.split(","), "since": 0}
        socket.send(encode({"id": 1, "method": "subscription.subscribe", "params": hello}))
        socket.recv()
        seen.started = milliseconds()
        place.begin()
        while not seen.notes.finished and not (seen.stopped_ms and way == "close"):
            text = socket.recv()
            seen.notes.record(text if isinstance(text, str) else text.decode(), 0)
            if seen.tokens >= AFTER and not seen.stopped_ms:
                seen.stop()
                if way == "explicit":
                    socket.send(encode({"id": 2, "method": "run.cancel", "params": {}}))
    finally:
        socket.close(timeout=1)
    return seen


def stopping(server: str, way: Way, transport: Literal["sse", "websocket"]) -> Subject:
    """Subject: a client that stops an answer of this server."""
    read = {"sse": read_sse, "websocket": read_websocket}[transport]
    name = {"sse": "httpx", "websocket": "websocket-client"}[transport]

    async def measure(stage: Stage, on: MeasurementSetup) -> Measurement:
        place = await _place(stage, on, server)
        seen = await asyncio.to_thread(read, place, way)
        told = await _told(stage, place, seen.stopped_ms or _now_ms())
        receipt = seen.notes.receipt(transport, f"{name}, {server}, {way}", seen.started)
        counted = await stage.count(place.thread_id, receipt)
        figures = {
            "model_stop_ms": told["model_stop_ms"],
            "wasted_tokens": told["wasted"],
            "after_stop": seen.tokens - seen.had if seen.stopped_ms else None,
        }
        return counted.model_copy(update={"figures": figures})

    return Subject(transport, f"{name}, {server}, {way}", measure)


async def _place(stage: Stage, on: MeasurementSetup, server: str) -> Place:
    if server in SERVERS:
        thread_id = await stage.thread()
        loop, settings = asyncio.get_running_loop(), {**on.settings, **SERVERS[server]}

        def begin() -> None:
            asyncio.run_coroutine_threadsafe(stage.start(thread_id, on.question, settings), loop).result()

        return Place(stage.api, thread_id, f"/threads/{thread_id}/stream/events", begin)
    made = (await stage.control.post(f"/traps/stop/{server}", json=on.settings)).raise_for_status().json()
    return Place(stage.api, made["thread_id"], f"/traps/stop/{server}/{made['thread_id']}", lambda: None)


async def _told(stage: Stage, place: Place, stopped_ms: int) -> dict[str, Any]:
    """Return the ledger's report, after the model has stopped."""
    ask: Callable[[], Awaitable[httpx.Response]] = lambda: stage.control.post(  # noqa: E731
        f"/traps/ledger/{place.thread_id}", json={"stopped_ms": stopped_ms}
    )
    async with asyncio.timeout(30):
        while not (told := (await ask()).raise_for_status().json())["over"]:
            await asyncio.sleep(ASK_S)
    found: dict[str, Any] = told
    return found
