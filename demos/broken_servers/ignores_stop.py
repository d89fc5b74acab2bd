"""Three servers that react to a stop too late or never, each with a common mistake. Event stream first.

    blocking   the model is called without await: the loop is frozen, and nothing else is done or heard meanwhile
    detached   the model writes into a queue from a task of its own: to end the answer does not end the task
    deaf       a WebSocket handler that sends first and reads afterwards; the event stream beside it is an ordinary one,
               since its stop is another request, which another handler reads

POST /traps/stop/{server}                    an answer to be written: {"thread_id", "run_id"}
GET  /traps/stop/{server}/{thread_id}        writes it, as an event stream
POST /traps/stop/{server}/{thread_id}/stop   stops it, as far as the server hears that
WS   /traps/stop/{server}/{thread_id}        the same over WebSocket; the first frame starts it, a later one stops it
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from demos.agent import script
from demos.agent.facts import from_book
from demos.connections.responses import client
from demos.protocol import sse
from demos.protocol.errors import Refusal
from demos.protocol.events import ANSWER, Draft, Event, encode
from demos.protocol.run_options import Settings
from demos.server.backend import Backend
from demos.server.endpoints import body, endpoint
from demos.threads.runs import Run, Thread

MOST = 50
"""Maximum of stored answers; the oldest is removed first."""
QUESTION = "What stops an agent's answer when the reader leaves?"


class Answer:
    """One answer, written by a trap into the log of a thread, so that it can be counted like any other."""

    def __init__(self, thread: Thread, settings: Settings, text: str) -> None:
        self._thread, self._settings, self._text = thread, settings, text
        thread.coalesce_s = 0.0
        self.run = Run(thread, "", settings)
        thread.runs[self.run.id] = self.run
        thread.status = "busy"
        self.stopped = False
        """Whether the server has read a request to stop."""
        self.told: Callable[[], None] = lambda: None
        """Called when that happens."""
        self._end: Event | None = None

    def tokens(self) -> Iterator[tuple[str, float]]:
        """Yield every token, with the seconds that the model takes for it."""
        return zip(script.pieces(self._text, self._settings.n_tokens), self._settings.pace.gaps(), strict=False)

    def write(self, token: str) -> Event:
        delta = {"event": "content-block-delta", "index": 0, "delta": {"type": "text-delta", "text": token}}
        return self._say(Draft("messages", delta, node=ANSWER))

    def stop(self) -> None:
        self.stopped = True
        self.told()

    def end(self, cancelled: bool) -> Event:
        """Return the end event; written to the log once."""
        if self._end is None:
            data = {"event": "failed", "error": "cancelled"} if cancelled else {"event": "completed"}
            self._end = self._say(Draft("lifecycle", {**data, "graph_name": "agent"}))
            self._thread.status = "busy"  # until `rest`: the model may write on behind the end that it was made to say
        return self._end

    def rest(self, cancelled: bool = True) -> None:
        """End the answer: write the end event to the log, also if the reader has left."""
        self.end(cancelled)
        self._thread.status = "idle"

    def _say(self, draft: Draft) -> Event:
        self.run.publish(draft)
        return self._thread.log.since(self._thread.log.last - 1)[0]


Writer = Callable[[Answer], AsyncGenerator[Event, None]]


async def blocking(answer: Answer) -> AsyncGenerator[Event, None]:
    try:
        for token, gap in answer.tokens():
            time.sleep(gap)  # the mistake: nothing else runs in this process meanwhile
            if answer.stopped:
                break
            yield answer.write(token)
        yield answer.end(answer.stopped)
    finally:
        answer.rest()


async def detached(answer: Answer) -> AsyncGenerator[Event, None]:
    written: asyncio.Queue[Event | None] = asyncio.Queue()
    answer.told = lambda: written.put_nowait(None)
    TASKS.add(task := asyncio.create_task(_fill(written, answer)))
    task.add_done_callback(TASKS.discard)
    while (event := await written.get()) is not None:  # the mistake: ending this generator does not end the task
        yield event
    yield answer.end(answer.stopped)


async def _fill(written: asyncio.Queue[Event | None], answer: Answer) -> None:
    for token, gap in answer.tokens():
        await asyncio.sleep(gap)
        written.put_nowait(answer.write(token))
    written.put_nowait(None)
    answer.rest(cancelled=False)


async def ordinary(answer: Answer) -> AsyncGenerator[Event, None]:
    try:
        for token, gap in answer.tokens():
            await asyncio.sleep(gap)
            if answer.stopped:
                break
            yield answer.write(token)
        yield answer.end(answer.stopped)
    finally:
        answer.rest()


TASKS: set[asyncio.Task[None]] = set()
"""asyncio itself keeps no task alive."""
WRITERS: dict[str, Writer] = {"blocking": blocking, "detached": detached, "deaf": ordinary}


class StopTraps:
    """The endpoints of all three."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._answers: dict[str, Answer] = {}

    def routes(self) -> list[BaseRoute]:
        here = "/traps/stop/{server}/{thread_id}"
        return [
            Route("/traps/stop/{server}", endpoint(self.make), methods=["POST"]),
            Route(here, endpoint(self.stream), methods=["GET"]),
            Route(f"{here}/stop", endpoint(self.stop), methods=["POST"]),
            WebSocketRoute(here, self.websocket),
        ]

    async def make(self, request: Request) -> Response:
        if request.path_params["server"] not in WRITERS:
            raise Refusal(404, "no_such_trap", f"There is no such trap. Allowed: {', '.join(WRITERS)}.")
        settings = Settings.read(await body(request, self._backend.limits), self._backend.limits)
        knowledge = from_book()
        text = script.answer(knowledge.facts, knowledge.look_up(QUESTION, {}), [])
        thread = self._backend.threads.make(client=client(request))
        answer = self._answers[thread.id] = Answer(thread, settings, text)
        while len(self._answers) > MOST:
            del self._answers[next(iter(self._answers))]
        return JSONResponse({"thread_id": thread.id, "run_id": answer.run.id})

    # --- event stream: the stop comes by POST, or by leaving ---

    async def stream(self, request: Request) -> Response:
        answer, write = self._find(request.path_params), WRITERS[request.path_params["server"]]

        async def frames() -> AsyncGenerator[bytes, None]:
            async with aclosing(write(answer)) as events:
                async for event in events:
                    yield event.frame

        return StreamingResponse(frames(), media_type=sse.CONTENT_TYPE, headers={"Cache-Control": "no-cache"})

    async def stop(self, request: Request) -> Response:
        self._find(request.path_params).stop()
        return JSONResponse({"stopped": True})

    # --- WebSocket: the stop comes in band, or by leaving ---

    async def websocket(self, websocket: WebSocket) -> None:
        await websocket.accept()
        answer, server = self._find(websocket.path_params), websocket.path_params["server"]
        try:
            await self._reply(websocket)
            if server == "deaf":
                await _send(websocket, WRITERS[server](answer))
                await self._reply(websocket)  # the mistake: it begins to read when there is nothing left to stop
            else:
                await self._converse(websocket, answer, WRITERS[server])
            await websocket.receive()  # until the peer closes
        except (WebSocketDisconnect, RuntimeError):
            pass  # the peer left

    async def _converse(self, websocket: WebSocket, answer: Answer, write: Writer) -> None:
        """Reads while it sends, as far as the writer lets it."""
        sending = asyncio.create_task(_send(websocket, write(answer)))
        try:
            await self._reply(websocket)
            answer.stop()
            await sending
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)

    async def _reply(self, websocket: WebSocket) -> None:
        frame = await websocket.receive_json()
        key = frame.get("id") if isinstance(frame, dict) else None
        await websocket.send_text(encode({"type": "success", "id": key, "result": {}}))

    def _find(self, place: dict[str, str]) -> Answer:
        if place["thread_id"] not in self._answers or place["server"] not in WRITERS:
            raise Refusal(404, "no_such_answer", "There is no such answer here. POST /traps/stop/{server} makes one.")
        return self._answers[place["thread_id"]]


async def _send(websocket: WebSocket, events: AsyncGenerator[Event, None]) -> None:
    async with aclosing(events):
        async for event in events:
            await websocket.send_text(event.text)
