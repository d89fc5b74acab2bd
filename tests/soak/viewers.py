"""Two viewers that read one run to its end however often they are cut: an event stream, and below it a WebSocket.

Same shape. Each cuts itself by chance, or has the server cut it, and comes back from the last whole event that it has.
"""

from __future__ import annotations

import asyncio
import json
import random
import socket
import struct
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from demos.protocol import sse
from demos.protocol.events import CHANNELS
from tests.soak.plan import SHORT_AWAY_S
from tests.soak.sighting import Sighting

MOST_IN_VAIN = 20
"""Connections in a row that bring nothing: then the viewer gives up and says so."""
LOST = (httpx.TransportError, ConnectionClosed, InvalidHandshake, OSError, TimeoutError)


class GaveUp(Exception):
    """A viewer got no further."""


@dataclass(frozen=True)
class Site:
    """The server that is soaked, and where it is counted what is done to it."""

    port: int
    http: httpx.AsyncClient
    counters: Counter[str]

    async def command(self, thread: str, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        frame = {"id": 1, "method": method, "params": params}
        reply: dict[str, Any] = (await self.http.post(f"/threads/{thread}/commands", json=frame)).json()
        return reply


class Viewer:
    """What both do alike: note what comes, be cut, stay away, come back."""

    name = "?"
    cuts: tuple[str, ...] = ()

    def __init__(self, site: Site, thread: str, since: int, base: int, chance: random.Random) -> None:
        self.seen = Sighting(self.name, since, base)
        self.event_id = ""
        """Id of the newest event; empty before the first."""
        self.leave: float | None = None
        """Stay away so many seconds, at the next event."""
        self.question: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """The id of what a human was asked."""
        self._site, self._thread, self._chance = site, thread, chance
        self._cut_at = self._next_cut()

    async def watch(self) -> None:
        """To the end of the run.

        Raises:
            GaveUp: it did not come, connection after connection.
        """
        in_vain, away = 0, 0.0
        self.seen.left(asyncio.get_running_loop().time())  # until it is there, nobody reads
        while not self.seen.over:
            had = len(self.seen.seqs)
            try:
                await self._hold()
            except LOST:
                pass
            if self.seen.over:
                return
            self.seen.left(asyncio.get_running_loop().time())
            in_vain = 0 if len(self.seen.seqs) > had else in_vain + 1
            if in_vain > MOST_IN_VAIN:
                raise GaveUp(f"{self.name} after {self.seen.last}: {in_vain} connections in vain")
            away, self.leave = self.leave or self._chance.uniform(0, SHORT_AWAY_S), None
            await asyncio.sleep(away)
            self._site.counters["resumes"] += 1

    async def _hold(self) -> None:
        """Connect, and read until the run is over or the connection is."""
        raise NotImplementedError

    def _next_cut(self) -> int:
        return len(self.seen.seqs) + self._chance.randint(3, 60)

    def _take(self, text: str) -> None:
        event = self.seen.take(text)
        if event["method"] == "input.requested" and not self.question.done() and event["seq"] > self.seen.base:
            self.question.set_result(event["params"]["data"]["interrupt_id"])

    @property
    def _due(self) -> bool:
        """Whether the next event is to meet a cut."""
        return len(self.seen.seqs) + 1 >= self._cut_at or self.leave is not None

    async def _kind(self) -> str:
        """How this connection is cut. The server's own cuts happen here, and are met while reading on."""
        self._cut_at = self._next_cut()
        kind = self._chance.choice(self.cuts)
        self._site.counters[f"cut: {self.name} {kind}"] += 1
        if kind.startswith("drop "):
            await self._site.http.post(f"/threads/{self._thread}/drop", json={"how": kind.removeprefix("drop ")})
        return kind


class EventStream(Viewer):
    """Reads by GET and comes back with Last-Event-ID, or by POST with `since`."""

    name = "event stream"
    cuts = ("fin", "reset", "drop clean", "drop reset")

    async def _hold(self) -> None:
        decoder = sse.Decoder()
        async with self._connected() as response:
            if response.status_code != 200:
                self.seen.wrong.append(f"status {response.status_code} after {self.seen.last}")
                raise GaveUp(f"{self.name}: {response.status_code} {(await response.aread())[:200]!r}")
            self.seen.back(asyncio.get_running_loop().time())
            async for chunk in response.aiter_raw():
                kind = await self._kind() if self._due else ""
                ours = kind in ("fin", "reset")
                # In the middle of whatever is being said.
                for message in decoder.feed(chunk[: self._chance.randrange(len(chunk) + 1)] if ours else chunk):
                    self._hear(message)
                if kind == "reset":
                    _reset(response.extensions["network_stream"].get_extra_info("socket"))
                if ours or self.seen.over:
                    return

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[httpx.Response]:
        path, last = f"/threads/{self._thread}/stream/events", self.seen.last
        if self._chance.random() < 0.3:
            call = self._site.http.stream("POST", path, json={"channels": CHANNELS, "since": self.event_id or last})
        else:
            first = last == self.seen.since
            headers = {} if first else {"Last-Event-ID": self.event_id}
            params = {"channels": ",".join(CHANNELS), "since": str(self.seen.since)}
            call = self._site.http.stream("GET", path, params=params, headers=headers)
        async with call as response:
            yield response

    def _hear(self, message: sse.Message) -> None:
        if message.event == "failure":
            self.seen.wrong.append(message.data)
        elif message.event != "ping":
            self._take(message.data)
            self.event_id = json.loads(message.data)["event_id"]
            if message.last_event_id != self.event_id:
                self.seen.wrong.append(f"the event {self.event_id} has the id {message.last_event_id!r}")


class WebSocket(Viewer):
    """Reads what the URL asks for, or subscribes, or reconnects a subscription; commands go on the same connection."""

    name = "WebSocket"
    cuts = ("fin", "reset", "close", "drop clean", "drop reset")
    _socket: ClientConnection | None = None
    _key: str | None = None

    async def _hold(self) -> None:
        by_url = self._chance.random() < 0.4
        ask = f"?channels={','.join(CHANNELS)}&since={self.event_id or self.seen.last}" if by_url else ""
        url = f"ws://127.0.0.1:{self._site.port}/api/threads/{self._thread}/stream/events{ask}"
        async with connect(url, proxy=None, compression=None, close_timeout=2) as connection:
            self._socket, self._replies = connection, dict[int, asyncio.Future[dict[str, Any]]]()
            try:
                if not by_url:
                    await connection.send(json.dumps({"id": 0, **self._subscription()}))
                self.seen.back(asyncio.get_running_loop().time())
                await self._listen(connection)
            finally:
                self._socket = None
                for reply in self._replies.values():
                    reply.cancel()

    async def _listen(self, connection: ClientConnection) -> None:
        async for text in connection:
            kind = await self._kind() if self._due else ""
            if kind == "reset":
                _reset(connection.transport.get_extra_info("socket"))
            if kind in ("reset", "fin"):
                connection.transport.abort()
            if kind in ("reset", "fin", "close"):
                return
            self._hear(json.loads(text), str(text))
            if self.seen.over:
                return

    def _hear(self, frame: dict[str, Any], text: str) -> None:
        if frame["type"] == "event":
            self._take(text)
            self.event_id = frame["event_id"]
        elif frame["type"] == "success" and frame["id"] == 0:
            self._key = frame["result"].get("subscription_id", self._key)
            if frame["result"].get("restored") is False:
                self.seen.wrong.append("a subscription was not restored")
        elif frame.get("id"):
            self._replies.pop(frame["id"]).set_result(frame)
        elif frame["type"] != "ping":
            self.seen.wrong.append(text)

    def _subscription(self) -> dict[str, Any]:
        if self._key and self.event_id and self._chance.random() < 0.5:
            return {"method": "subscription.reconnect",
                    "params": {"last_event_id": self.event_id, "subscriptions": [self._key]}}  # fmt: skip
        return {
            "method": "subscription.subscribe",
            "params": {"channels": CHANNELS, "since": self.event_id or self.seen.last},
        }

    async def say(self, method: str, params: Mapping[str, Any]) -> dict[str, Any] | None:
        """A command on this connection, and its reply; None where the connection went away before it came."""
        if self._socket is None:
            return None
        id = 1 + max(self._replies, default=0)
        reply = self._replies[id] = asyncio.get_running_loop().create_future()
        try:
            await self._socket.send(json.dumps({"id": id, "method": method, "params": params}))
            await asyncio.wait([reply])
        except ConnectionClosed:
            return None
        return None if reply.cancelled() else reply.result()


def _reset(connection: socket.socket) -> None:
    """What closes it now sends RST instead of FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
