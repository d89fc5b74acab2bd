"""Server as in typical tutorials: every request runs the model, and nothing is stored. A ledger counts the cost.

GET /api/traps/answers/{id}/{ending}   text/event-stream, with `seed`, `rate` and `n_tokens` in the query
WS  /api/traps/answers/{id}/socket     the same over a WebSocket, closed with 1000 after the last token
GET /api/traps/answers/{id}            how often it was asked, how often the model ran, how many tokens that made
The id is the client's own. Only the scripted model answers, since a plain GET can be sent by any page's <img>.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import Receive
from starlette.websockets import WebSocket, WebSocketDisconnect

from demos.connections.responses import EventStream, Socket, client, close, end
from demos.connections.tcp import peer_of
from demos.protocol.errors import Refusal, invalid
from demos.protocol.events import ANSWER, Draft, Event, encode
from demos.protocol.kept import Kept
from demos.protocol.run_options import Settings
from demos.server.backend import Backend
from demos.server.endpoints import endpoint

QUESTION = "What happens when the answer is finished?"
MOST_LEDGERS = 100
MOST_RUNS = 30
"""Maximum runs of the model for one answer; further requests are refused (429)."""
MOST_TOKENS = 600
COMPLETE = 1000


MOST_DIGITS = 10
"""Of a number that a client sends: more of them are read as the first ten."""


class Ending(StrEnum):
    """What the event stream does when the answer is complete."""

    NAIVE = "naive"
    """The response ends without a sign. To EventSource this is a lost connection."""
    DONE = "done"
    """A last event tells the page to close the stream. A reconnect gets status 204."""
    STATUS = "status"
    """No last event, but ids: a reconnect with the last id gets status 204, which stops EventSource."""


@dataclass
class Ledger:
    """Cost of one answer so far."""

    requests: int = 0
    model_runs: int = 0
    made: int = 0
    """Tokens."""


class NaiveServer:
    """Naive endpoints, and what they cost."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._ledgers: Kept[str, Ledger] = Kept(MOST_LEDGERS, MOST_LEDGERS // 2)

    def routes(self) -> list[BaseRoute]:
        path = "/traps/answers/{id}"
        return [
            Route(path, endpoint(self.ledger), methods=["GET"]),
            WebSocketRoute(f"{path}/socket", Socket(self.websocket)),
            Route(f"{path}/{{ending}}", endpoint(self.sse), methods=["GET"]),
        ]

    async def ledger(self, request: Request) -> Response:
        found = self._ledgers.get(request.path_params["id"])
        if found is None:
            raise Refusal(404, "no_such_answer", "Nobody has asked for this answer here, or it was forgotten.")
        return JSONResponse(asdict(found))

    # --- event stream ---

    async def sse(self, request: Request) -> Response:
        if request.path_params["ending"] not in list(Ending):
            raise invalid(f"The ending is {request.path_params['ending']!r:.60}. Allowed: {', '.join(Ending)}.")
        ending, settings = Ending(request.path_params["ending"]), self._settings(request.query_params)
        ledger = self._asked(request.path_params["id"], client(request))
        came_back = request.headers.get("last-event-id", "").rpartition("-")[2]
        if (
            ending is not Ending.NAIVE
            and came_back.isdecimal()
            and int(came_back[:MOST_DIGITS]) > (settings.n_tokens or 0)
        ):
            return Response(status_code=204)
        frames = self._frames(ledger, settings, ending)
        during = self._backend.threads.answer(client(request))
        return EventStream(self._backend.streams, frames, client(request), during=during)

    async def _frames(self, ledger: Ledger, settings: Settings, ending: Ending) -> AsyncGenerator[bytes, None]:
        async with aclosing(self._events(ledger, settings)) as events:
            async for event in events:
                yield event.frame.partition(b"\n")[2] if ending is Ending.NAIVE else event.frame
        if ending is Ending.DONE:
            yield _event(Draft("lifecycle", {"event": "completed"}), (settings.n_tokens or 0) + 2).frame

    # --- WebSocket ---

    async def websocket(self, websocket: WebSocket, receive: Receive) -> None:
        await websocket.accept()
        limits = self._backend.limits
        try:
            settings = self._settings(websocket.query_params)
            with self._backend.streams.open("websocket", client(websocket), peer=peer_of(receive)) as stream:
                try:
                    if "channels" not in websocket.query_params:  # else the address was the subscription
                        frame = self._backend.commands.parse(await websocket.receive_text())
                        reply: dict[str, Any] = {"type": "success", "id": frame.get("id"), "result": {}}
                        await stream.write(websocket.send_text(encode(reply)))
                    ledger = self._asked(websocket.path_params["id"], client(websocket))
                    with self._backend.threads.answer(client(websocket)):
                        async with aclosing(self._events(ledger, settings)) as events:
                            async for event in events:
                                await stream.write(websocket.send_text(event.text))
                except (WebSocketDisconnect, RuntimeError):
                    stream.mark_client_gone()
            if stream.cut_by is None:
                await close(websocket, receive, COMPLETE, "The answer is complete.", limits)
            await end(stream, websocket, receive, limits)
        except Refusal as refusal:
            await close(websocket, receive, refusal.close_code, refusal.message, limits)

    # --- both ---

    async def _events(self, ledger: Ledger, settings: Settings) -> AsyncGenerator[Event, None]:
        """One run of the model, from the beginning: this server remembers nothing."""
        agent = await self._backend.agent()
        thread, seq = str(uuid.uuid4()), 1
        ledger.model_runs += 1
        yield _event(Draft("messages", {"event": "message-start"}, node=ANSWER), seq)
        try:
            async with (
                asyncio.timeout(self._backend.limits.run_seconds),
                aclosing(agent.tokens(thread, QUESTION, settings)) as tokens,
            ):
                async for token in tokens:
                    seq += 1
                    ledger.made += 1
                    delta = {"type": "text-delta", "text": token}
                    data = {"event": "content-block-delta", "index": 0, "delta": delta}
                    yield _event(Draft("messages", data, node=ANSWER), seq)
        finally:
            await agent.forget(thread)

    def _asked(self, key: str, address: str) -> Ledger:
        """Note one request.

        Raises:
            Refusal: the model has run too often for this answer.
        """
        if len(key) > 60:
            raise invalid("The id of an answer has up to 60 characters.")
        if (ledger := self._ledgers.get(key)) is None:
            self._ledgers.keep(key, ledger := Ledger(), address)
        if ledger.model_runs >= MOST_RUNS:
            raise Refusal(429, "too_many_runs", f"The model ran {MOST_RUNS} times for this answer, the limit here.")
        ledger.requests += 1
        return ledger

    def _settings(self, query: Mapping[str, str]) -> Settings:
        """Pace and length from the address.

        Raises:
            Refusal: not a number, or out of its range.
        """
        given: dict[str, Any] = {"n_tokens": 30} | {
            key: int(value) if value.isdecimal() and len(value) < 16 else value
            for key in ("seed", "rate", "n_tokens", "first_token_ms")
            if (value := query.get(key))
        }
        settings = Settings.read(given, self._backend.limits)
        if (settings.n_tokens or 0) > MOST_TOKENS:
            raise invalid(f"n_tokens is {settings.n_tokens}. Allowed: up to {MOST_TOKENS}.")
        return settings


def _event(draft: Draft, seq: int) -> Event:
    return Event.number(draft, seq, "naive", time.time_ns() // 1_000_000)
