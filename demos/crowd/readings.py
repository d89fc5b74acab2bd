"""Reads one run of a room over one transport, as a page does: EventSource first, WebSocket below it, in the same shape.

    reading = XReading(address, key, resume, ...)   await reading.run()   reading.close()   reading.receipt()

Naive (`resume` false): events have no ids, so that EventSource gets everything anew; nothing reconnects the WebSocket.
"""

from __future__ import annotations

import asyncio
import json
import random
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Literal
from urllib.parse import urlencode

import httpx
import websockets
from websockets.asyncio.client import ClientConnection, connect

from demos.clients.readers import is_permanent, milliseconds
from demos.clients.recorder import Recording
from demos.protocol import sse

CHANNELS = "messages,lifecycle,tools,input"
FIRST_WAIT_MS, LONGEST_WAIT_MS = 250.0, 5000.0
TRIES = 3
"""After so many failed tries to open, it is taken to be blocked."""
SOME = 8
"""Events."""
SLOW_S = 0.15
"""What a slow reader takes for each event."""


class Reading(ABC):
    """One run over one transport, from the first connection to the run's end."""

    transport: Literal["sse", "websocket"]
    client: str

    def __init__(self, address: str, key: str, resume: bool, slow: bool, chance: random.Random) -> None:
        self.key, self.resume, self.slow, self._chance = key, resume, slow, chance
        self._address = address
        self.notes = Recording(milliseconds)
        self.started = milliseconds()
        self.opened = asyncio.Event()
        """Set once it is open, or blocked."""
        self.blocked = False
        self.downs: list[list[float | None]] = []
        """When it was without a connection: from, to."""
        self.closed = False
        self.some = asyncio.Event()
        """Set once some of the answer is here."""
        self.changed: Callable[[], None] = lambda: None
        """Called when it is open, blocked, or at the run's end."""

    @property
    def last(self) -> int:
        """The newest sequence number."""
        return max(self.notes.seq, default=0)

    async def run(self) -> None:
        """Read to the run's end. Comes back as the transport does, unless it is closed."""
        tries = 0
        while not (self.closed or self.notes.finished):
            got = len(self.notes.seq)
            try:
                refused = await self._connection()
            except (OSError, TimeoutError, httpx.HTTPError, websockets.WebSocketException) as error:
                self.notes.ended(error)
                refused = False
            self._down()
            tries = 0 if len(self.notes.seq) > got else tries + 1
            if not self.opened.is_set() and (refused or tries >= TRIES):
                self.blocked = True
                self.opened.set()
                self.changed()
            if self.closed or self.notes.finished or self.blocked or refused or not self.comes_back:
                break
            await asyncio.sleep(self._wait_ms(tries) / 1000)
            self.notes.reconnects += 1
        self.changed()

    @property
    @abstractmethod
    def comes_back(self) -> bool:
        """Whether something opens a new connection after a loss."""

    @abstractmethod
    async def _connection(self) -> bool:
        """Hold one connection to its end; return whether the server refused for good."""

    @abstractmethod
    def _wait_ms(self, tries: int) -> float: ...

    def arrived(self) -> None:
        """Note that the connection is open."""
        if self.opened.is_set():
            self.notes.back += 1
        if self.downs and self.downs[-1][1] is None:
            self.downs[-1][1] = milliseconds()
        self.opened.set()
        self.changed()

    async def heard(self, text: str, around: int) -> None:
        """Note one event, after the time that a slow reader takes."""
        if self.slow:
            await asyncio.sleep(SLOW_S)
        self.notes.record(text, around)
        if len(self.notes.seq) == SOME:
            self.some.set()

    def _down(self) -> None:
        if self.opened.is_set() and not self.notes.finished and not (self.downs and self.downs[-1][1] is None):
            self.downs.append([milliseconds(), None])

    def close(self) -> None:
        """Stop reading; whoever runs it cancels its task."""
        self.closed = True
        self._down()

    def receipt(self) -> dict[str, Any]:
        """What a page posts of it."""
        notes = self.notes
        return {
            "transport": self.transport, "client": self.client, "at": [round(at, 2) for at in notes.at],
            "seq": notes.seq, "token": notes.token, "started": round(self.started, 2), "reconnects": notes.reconnects,
            "finished": notes.finished, "resume": self.resume, "blocked": self.blocked,
            "downs": self.downs, "bytes": notes.payload + notes.framing,
        }  # fmt: skip


class EventStreamReading(Reading):
    """As EventSource: comes back after the delay that the server has set, with the id of the last event."""

    transport: Literal["sse"] = "sse"
    client = "EventSource"

    def __init__(
        self, http: httpx.AsyncClient, address: str, key: str, resume: bool, slow: bool, chance: random.Random
    ) -> None:
        super().__init__(address, key, resume, slow, chance)
        self._http, self._retry_ms = http, 3000.0

    @property
    def comes_back(self) -> bool:
        return True

    def _wait_ms(self, tries: int) -> float:
        return self._retry_ms

    async def _connection(self) -> bool:
        query = {"as": self.key, "channels": CHANNELS, "since": 0} | ({} if self.resume else {"ids": 0})
        headers = {"Accept": sse.CONTENT_TYPE} | ({"Last-Event-ID": self.notes.last} if self._place else {})
        async with self._http.stream("GET", f"{self._address}?{urlencode(query)}", headers=headers) as response:
            if response.status_code == 204:  # the run is over, and nothing is missing
                self.notes.finished = True
            if response.status_code != 200:
                return response.status_code < 500
            self.arrived()
            decoder = sse.Decoder()
            async for chunk in response.aiter_raw():
                for message in decoder.feed(chunk):
                    if message.event != "ping":
                        await self.heard(message.data, len(sse.encode("", message.event, message.last_event_id)))
                self._retry_ms = float(decoder.retry_ms or self._retry_ms)
                if self.notes.finished:
                    break
        return False

    @property
    def _place(self) -> str:
        return self.notes.last if self.resume else ""


class WebSocketReading(Reading):
    """With `resume` it comes back and asks for what follows the last event. Without, nothing does so."""

    transport: Literal["websocket"] = "websocket"
    client = "WebSocket"

    @property
    def comes_back(self) -> bool:
        # A first connection that fails is tried again by the page, whatever it does after a loss.
        return self.resume or not self.opened.is_set()

    def _wait_ms(self, tries: int) -> float:
        return min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2.0**tries) * (0.5 + self._chance.random() / 2)

    async def _connection(self) -> bool:
        url = f"{self._address.replace('http', 'ws', 1)}?{urlencode({'as': self.key})}"
        origin = websockets.Origin("/".join(self._address.split("/")[:3]))
        try:
            async with connect(url, origin=origin, compression=None, ping_interval=None, proxy=None) as socket:
                await self._subscribed(socket)
                async for frame in socket:
                    text = frame if isinstance(frame, str) else frame.decode()
                    # RFC 6455, section 5.2: the length takes 0, 2 or 8 further bytes; a server's frames have no mask.
                    await self.heard(text, 2 if len(text) < 126 else 4 if len(text) < 65_536 else 10)
                    if self.notes.finished:
                        break
        except websockets.InvalidStatus as error:
            return 400 <= error.response.status_code < 500
        return is_permanent(socket.close_code or 0)

    async def _subscribed(self, socket: ClientConnection) -> None:
        params = {"channels": CHANNELS.split(","), "since": self.notes.last or 0}
        await socket.send(json.dumps({"id": 1, "method": "subscription.subscribe", "params": params}))
        first = json.loads(await socket.recv())
        if first.get("type") == "success":
            self.arrived()
