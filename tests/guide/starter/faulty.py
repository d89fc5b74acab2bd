"""Serves the scripts of `faults.py` on a real port, over event streams and WebSockets, with the starter's own pages."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from guide.book import KNOWLEDGE
from tests.guide.starter.faults import SCRIPTS, Hold, Raw, Refusal, Step, Told
from tests.patience import seconds

WEB = KNOWLEDGE / "starter" / "web"
WAIT_S = seconds(30)


@dataclass
class Run:
    """What the server knows of one run of a case."""

    case: str
    positions: list[str] = field(default_factory=list)
    """Of each connection; where the header and the address differ, both."""
    times: list[float] = field(default_factory=list)
    """When each came."""
    said: list[dict[str, Any]] = field(default_factory=list)
    """Stops and answers."""
    told: asyncio.Event = field(default_factory=asyncio.Event)
    starts: int = 0
    way: str = ""

    def connection(self, position: str) -> Iterator[Step]:
        self.positions.append(position)
        self.times.append(time.monotonic())
        number = position.partition(" ")[0].rpartition("-")[2]
        return SCRIPTS[self.case](len(self.positions) - 1, int(number or 0))

    def tell(self, **said: Any) -> None:
        self.said.append(said)
        self.told.set()


class Faulty:
    """The server: what it was asked, for tests to look at."""

    def __init__(self) -> None:
        self.runs: dict[str, Run] = {}
        self.url = ""
        self.sockets = True
        """Whether the path lets WebSockets through."""
        self.posted: list[dict[str, Any]] = []
        """Each POST of a whole conversation."""
        self.left: list[str] = []
        """Cases of such POSTs whose client went before the end."""

    def of(self, case: str) -> Run:
        """The newest run of a case."""
        return [run for run in self.runs.values() if run.case == case][-1]

    async def start(self, request: Request) -> Response:
        body = await request.json()
        run = self.runs.setdefault(body["run"], Run(body["prompt"]))
        run.starts += 1
        if run.starts == 1 and run.case in ("busy-for-a-while", "retry-after"):
            return Response(status_code=503)
        if run.case in ("thread-busy", "thread-unknown"):
            status = 409 if run.case == "thread-busy" else 404
            return JSONResponse({"detail": "The thread says no."}, status)
        return JSONResponse({"run": body["run"], "thread": f"thread of {run.case}", "heartbeat": 15}, 201)

    async def tell(self, request: Request) -> Response:
        said = await request.json() if request.path_params["what"] == "answer" else {}
        self.runs[request.path_params["run"]].tell(what=request.path_params["what"], **said)
        return Response(status_code=202)

    async def events(self, request: Request) -> Response:
        run = self.runs[request.path_params["run"]]
        run.way = "sse"
        since, header = request.query_params["since"], request.headers.get("last-event-id")
        steps = run.connection(since if header in (None, since) else f"{since} {header}")
        first = next(steps, None)
        if isinstance(first, Refusal):
            return Response(status_code=first.status, headers={"Retry-After": first.after} if first.after else None)
        # The standard knows no charset but UTF-8. EventSource, which says what it accepts, refuses any other.
        charset = "utf-8" if request.headers["accept"] == "text/event-stream" else "windows-1252"
        kind = f"text/event-stream; charset={charset}"
        return StreamingResponse(self._lines(run, [first] if first else [], steps), headers={"Content-Type": kind})

    async def _lines(self, run: Run, first: list[Step], steps: Iterator[Step]) -> AsyncIterator[bytes]:
        for step in (*first, *steps):
            if isinstance(step, Hold):
                await asyncio.sleep(WAIT_S)
            elif isinstance(step, Told):
                await run.told.wait()
            elif isinstance(step, Raw):
                yield step.data
            elif isinstance(step, dict):
                yield written(step)

    async def post(self, request: Request) -> Response:
        body = await request.json()
        self.posted.append(body)
        case = body["messages"][-1]["content"]
        if case == "busy":
            return JSONResponse({"detail": "Too many."}, 429)
        return StreamingResponse(self._answer(case, body), media_type="text/event-stream")

    async def _answer(self, case: str, body: dict[str, Any]) -> AsyncIterator[bytes]:
        """Of one POST, without ids."""
        question = {"question": "Sure?"}
        asked = [{"type": "question", "question": question, "value": question}, {"type": "end", "status": "waiting"}]
        done = {"type": "end", "status": "completed"}
        steps = {
            "question": [{"type": "token", "text": "B "}, done] if body["answers"] else asked,
            "broken": [Raw(b'event: token\ndata: {"type": "tok\n\n'), done],
            "sentinel": [Raw(b"data: [DONE]\n\n")],
            "hold": [Hold(), done],
            "cut": [],
        }.get(case, [done])
        try:
            for step in ({"type": "ping", "heartbeat": 15}, {"type": "token", "text": "A "}, *steps):
                if isinstance(step, Hold):
                    await asyncio.sleep(WAIT_S)
                else:
                    yield step.data if isinstance(step, Raw) else written(step)
        except asyncio.CancelledError:
            self.left.append(case)
            raise

    async def socket(self, websocket: WebSocket) -> None:
        if not self.sockets:
            return await websocket.close()  # before it is accepted: HTTP 403
        await websocket.accept()
        try:
            first = json.loads(await websocket.receive_text())
            run = self.runs.setdefault(first["run"], Run(first.get("prompt", "")))
            run.way = "ws"
            run.starts += first["type"] == "start"
            listening = asyncio.create_task(self._listen(websocket, run))
            try:
                code = await self._messages(websocket, run, run.connection(str(first.get("since", "0"))))
                await websocket.close(code)
            finally:
                listening.cancel()
        except (WebSocketDisconnect, RuntimeError):
            pass

    async def _listen(self, websocket: WebSocket, run: Run) -> None:
        while True:
            said = json.loads(await websocket.receive_text())
            run.tell(what=said.pop("type"), **said)

    async def _messages(self, websocket: WebSocket, run: Run, steps: Iterator[Step]) -> int:
        """All messages. Returns the close code; 1011 is what a client sees as a cut."""
        last: Step = {}
        for step in steps:
            last = step
            if isinstance(step, Hold):
                await asyncio.sleep(WAIT_S)
            elif isinstance(step, Told):
                await run.told.wait()
            elif isinstance(step, Refusal):
                return step.code
            elif isinstance(step, Raw):
                await websocket.send_text(step.data.decode().rpartition("data: ")[2].strip())
            else:
                more = {"thread": f"thread of {run.case}"} if step["type"] == "ping" else {}
                await websocket.send_text(json.dumps(step | more))
        return 1000 if isinstance(last, dict) and last.get("type") == "end" else 1011


def written(step: dict[str, Any]) -> bytes:
    """An event, as the server sends it."""
    event = {key: value for key, value in step.items() if key != "id"}
    id_line = f"id: {step['id']}\n" if "id" in step else ""
    return f"{id_line}event: {step['type']}\ndata: {json.dumps(event)}\n\n".encode()


async def page(request: Request) -> Response:
    return HTMLResponse("<!doctype html><title>Streams</title>")


async def module(request: Request) -> Response:
    """Each variant in a folder of its own, where it has the name that it has in a project."""
    name = request.path_params["name"]
    file = f"stream_{request.path_params['variant']}.js" if name == "stream.js" else name
    return FileResponse(WEB / file, media_type="text/javascript")


@contextmanager
def faulty() -> Iterator[Faulty]:
    """Within it, the server serves."""
    here = Faulty()
    routes = [
        Route("/", page),
        Route("/runs", here.start, methods=["POST"]),
        Route("/runs/{run}/events", here.events),
        Route("/runs/{run}/{what}", here.tell, methods=["POST"]),
        Route("/answers", here.post, methods=["POST"]),
        Route("/{variant}/{name}", module),
        WebSocketRoute("/ws", here.socket),
    ]
    config = uvicorn.Config(Starlette(routes=routes), port=0, log_level="critical", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        deadline = time.monotonic() + WAIT_S
        while not server.started:
            assert time.monotonic() < deadline, "it does not serve"
            time.sleep(0.01)  # between two looks
        here.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        yield here
    finally:
        server.should_exit = True
        thread.join()
