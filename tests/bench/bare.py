"""The floor: a bare Starlette application that plays back what our server once said, as anybody would write it.

One queue a reader; the event stream above, the WebSocket below. Nothing is numbered, filtered by namespace, kept for a
reconnect or limited. Frames come encoded from the recording; only a token's stamp is put in anew, at the model's pace.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import socket
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

_STAMP = re.compile(r'"text":"(\d{6,} )"}')


@dataclass(frozen=True)
class Frame:
    """One event as it was sent, cut where its stamp stands."""

    method: str
    head: str
    stamp: bool
    tail: str
    seq: str

    @classmethod
    def of(cls, text: str) -> Frame:
        event = json.loads(text)
        found = _STAMP.search(text) if event["method"] == "messages" and '"text-delta"' in text else None
        head, tail = (text[: found.start(1)], text[found.end(1) :]) if found else (text, "")
        return cls(event["method"], head, found is not None, tail, str(event["seq"]))

    def text(self) -> str:
        return f"{self.head}{time.monotonic_ns()} {self.tail}" if self.stamp else self.head


@dataclass
class Talk:
    """A thread: who reads it, and what was said so far."""

    readers: list[tuple[frozenset[str], asyncio.Queue[tuple[Frame, str]]]] = field(default_factory=list)
    said: list[tuple[Frame, str]] = field(default_factory=list)

    def say(self, frame: Frame) -> None:
        one = frame, frame.text()
        self.said.append(one)
        for channels, queue in self.readers:
            if frame.method in channels:
                queue.put_nowait(one)

    def join(self, channels: frozenset[str]) -> asyncio.Queue[tuple[Frame, str]]:
        queue: asyncio.Queue[tuple[Frame, str]] = asyncio.Queue()
        for one in self.said:
            if one[0].method in channels:
                queue.put_nowait(one)
        self.readers.append((channels, queue))
        return queue


class Bare:
    """The endpoints that a client of the agent streaming protocol needs."""

    def __init__(self, texts: list[str]) -> None:
        self._frames = [Frame.of(text) for text in texts]
        self._talks: defaultdict[str, Talk] = defaultdict(Talk)
        self._runs: set[asyncio.Task[None]] = set()

    async def command(self, request: Request) -> JSONResponse:
        frame = await request.json()
        rate = frame["params"]["config"]["configurable"]["rate"]
        run = asyncio.create_task(self._run(self._talks[request.path_params["id"]], 1 / rate if rate else 0.0))
        self._runs.add(run)
        run.add_done_callback(self._runs.discard)
        result = {"type": "success", "id": frame["id"], "result": {"run_id": "r"}, "meta": {"applied_through_seq": 0}}
        return JSONResponse(result)

    async def _run(self, talk: Talk, gap_s: float) -> None:
        for n, frame in enumerate(self._frames):
            if frame.stamp and n and self._frames[n - 1].stamp:
                await asyncio.sleep(gap_s)
            talk.say(frame)

    async def sse(self, request: Request) -> StreamingResponse:
        channels = (await request.json())["channels"] if request.method == "POST" else _channels(request.query_params)
        queue = self._talks[request.path_params["id"]].join(frozenset(channels))

        async def frames() -> AsyncIterator[str]:
            while True:
                frame, text = await queue.get()
                yield f"id: {frame.seq}\nevent: {frame.method}\ndata: {text}\n\n"

        return StreamingResponse(frames(), media_type="text/event-stream")

    async def websocket(self, websocket: WebSocket) -> None:
        talk = self._talks[websocket.path_params["id"]]
        channels = _channels(websocket.query_params) if "channels" in websocket.query_params else None
        if channels is None:
            await websocket.accept()
            asked = await websocket.receive_json()
            channels = asked["params"]["channels"]
            result = {"subscription_id": "s", "replayed_events": len(talk.said)}
            await websocket.send_json({"type": "success", "id": asked["id"], "result": result})
            queue = talk.join(frozenset(channels))
        else:
            queue = talk.join(frozenset(channels))
            await websocket.accept()
        try:
            while True:
                await websocket.send_text((await queue.get())[1])
        except WebSocketDisconnect:
            pass


def _channels(query: Any) -> list[str]:
    return str(query["channels"]).split(",")


async def _thread(request: Request) -> JSONResponse:
    return JSONResponse({"thread_id": f"t{time.monotonic_ns()}"})


def application(texts: list[str]) -> Starlette:
    """Play back these events, each the JSON of one."""
    bare = Bare(texts)
    events = "/threads/{id}/stream/events"
    routes = [
        Route("/threads", _thread, methods=["POST"]),
        Route("/threads/{id}/commands", bare.command, methods=["POST"]),
        Route(events, bare.sse, methods=["GET", "POST"]),
        WebSocketRoute(events, bare.websocket),
    ]
    return Starlette(routes=[Mount("/api", routes=routes)])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bare")
    parser.add_argument("recording", type=Path)
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    app = application(json.loads(given.recording.read_text()))
    config = uvicorn.Config(
        app, access_log=False, log_level="error", timeout_graceful_shutdown=1, ws_per_message_deflate=False
    )
    # With the protocol named, asyncio sets TCP_NODELAY on what it accepts, as where uvicorn opens the socket itself.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", given.port))
        listener.listen(2048)
        # In the words by which a server of ours says that it is up.
        print(f"http://127.0.0.1:{listener.getsockname()[1]}/api, process {os.getpid()}", flush=True)
        uvicorn.Server(config).run(sockets=[listener])
