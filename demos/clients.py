"""The measuring clients: an event stream read with httpx, and below it a WebSocket read with websocket-client.

Same shape, so that what differs is the transport. Build and `open()` before the clock starts: building an httpx client
costs tens of milliseconds, which would be read as the event stream's. `receive()` then reads one run to its end and
returns a receipt; `demos.measure` counts.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Literal, Protocol
from urllib.parse import urlencode

import httpx
import websocket

from demos import sse
from demos.measure import Receipt
from demos.notes import Clock, Notes

CHANNELS = "messages,lifecycle"
Asks = Mapping[str, int | str]
"""Further parameters of a subscription."""
MAX_RECONNECTS = 20
"""A client that gets no further gives up and says what it has."""


def milliseconds() -> float:
    return time.monotonic() * 1000


class Client(Protocol):
    """Reads one run."""

    @property
    def transport(self) -> Literal["sse", "websocket"]: ...
    @property
    def carried_ms(self) -> float | None: ...
    def open(self) -> None: ...
    def receive(self, started: float) -> Receipt: ...
    def close(self) -> None: ...


class EventStreamClient:
    """Server-sent events. Comes back with Last-Event-ID after the delay that the server asked for, like a browser."""

    transport: Literal["sse"] = "sse"

    def __init__(
        self,
        api: str,
        thread_id: str,
        name: str = "httpx",
        resume: bool = True,
        silence_s: float = 5.0,
        clock: Clock = milliseconds,
        asks: Asks | None = None,
    ) -> None:
        self.name = name
        query = urlencode({"channels": CHANNELS, "since": 0, **(asks or {})})
        self._url = f"{api}/threads/{thread_id}/stream/events?{query}"
        self._resume = resume
        self._notes = Notes(clock)
        self._http = httpx.Client(timeout=httpx.Timeout(5.0, read=silence_s), trust_env=False)
        self._decoder = sse.Decoder()
        self._response: httpx.Response | None = None

    def open(self) -> None:
        """Connect. Returns once the server has answered.

        Raises:
            httpx.HTTPError: it did not, or refused.
        """
        headers = {"Accept": sse.CONTENT_TYPE}
        if self._decoder.last_event_id:
            headers["Last-Event-ID"] = self._decoder.last_event_id
        # What a cut left unfinished is dropped; the position and the delay are kept.
        kept, self._decoder = self._decoder, sse.Decoder()
        self._decoder.last_event_id, self._decoder.retry_ms = kept.last_event_id, kept.retry_ms
        request = self._http.build_request("GET", self._url, headers=headers)
        self._response = self._http.send(request, stream=True)
        self._response.raise_for_status()
        self._notes.finished = self._response.status_code == 204  # the server: nothing is left to be told

    @property
    def carried_ms(self) -> float | None:
        """See `Notes.carried_ms`."""
        return self._notes.carried_ms

    def receive(self, started: float) -> Receipt:
        """Read to the run's end, through cuts."""
        while True:
            try:
                self._read()
            except httpx.TransportError:
                pass  # cut, or silent for too long
            if self._notes.finished or not self._resume or self._notes.reconnects >= MAX_RECONNECTS:
                return self._notes.receipt(self.transport, self.name, started)
            self._reconnect()

    def _read(self) -> None:
        assert self._response is not None
        for chunk in self._response.iter_raw():
            for message in self._decoder.feed(chunk):
                if message.event == "ping":
                    self._notes.beats += 1
                    continue
                around = len(sse.encode("", message.event, message.last_event_id))
                # HTTP/1.1 puts each event into a chunk of its own: its length in hex, and two line ends.
                body = around + len(message.data.encode())
                self._notes.take(message.data, around + len(f"{body:x}") + 4)
            if self._notes.finished:
                return

    def _reconnect(self) -> None:
        self._notes.reconnects += 1
        self.close_response()
        time.sleep((self._decoder.retry_ms or 3000) / 1000)
        self.open()

    def close_response(self) -> None:
        if self._response is not None:
            self._response.close()

    def close(self) -> None:
        self.close_response()
        self._http.close()


class WebSocketClient:
    """A WebSocket. With `resume` it comes back and asks for what follows the last event it saw, which the protocol does
    not do for it. Without (`naive`, the tutorials' client) the rest is lost when the socket dies."""

    transport: Literal["websocket"] = "websocket"

    def __init__(
        self,
        api: str,
        thread_id: str,
        name: str = "websocket-client",
        resume: bool = True,
        silence_s: float = 5.0,
        clock: Clock = milliseconds,
        retry_ms: int = 1000,
        asks: Asks | None = None,
    ) -> None:
        self.name = name
        self._asks = {"channels": CHANNELS, "since": 0, **(asks or {})}
        self._url = f"{api.replace('http', 'ws', 1)}/threads/{thread_id}/stream/events"
        self._resume = resume
        self._notes = Notes(clock)
        self._silence_s = silence_s
        self._retry_ms = retry_ms
        self._socket: websocket.WebSocket | None = None

    def open(self) -> None:
        """Connect. Returns once the server has answered.

        Raises:
            OSError, websocket.WebSocketException: it did not, or refused.
        """
        asks = self._asks | ({"since": self._notes.last} if self._notes.last else {})
        url = f"{self._url}?{urlencode(asks)}"
        self._socket = websocket.create_connection(url, timeout=self._silence_s, http_no_proxy=["*"])

    @property
    def carried_ms(self) -> float | None:
        """See `Notes.carried_ms`."""
        return self._notes.carried_ms

    def receive(self, started: float) -> Receipt:
        """Read to the run's end, through cuts if it knows how."""
        while True:
            try:
                self._read()
            except (OSError, websocket.WebSocketException):
                pass  # cut, or silent for too long
            if self._notes.finished or not self._resume or self._notes.reconnects >= MAX_RECONNECTS:
                return self._notes.receipt(self.transport, self.name, started)
            self._reconnect()

    def _read(self) -> None:
        assert self._socket is not None
        while not self._notes.finished:
            text = self._socket.recv()
            if not text:
                return
            assert isinstance(text, str)
            size = len(text.encode())
            # RFC 6455, section 5.2: the length takes 0, 2 or 8 further bytes; a server's frames carry no mask.
            self._notes.take(text, 2 if size < 126 else 4 if size < 65_536 else 10)

    def _reconnect(self) -> None:
        self._notes.reconnects += 1
        self.close()
        time.sleep(self._retry_ms / 1000)
        self.open()

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close(timeout=1)
            self._socket.shutdown()  # type: ignore[no-untyped-call]  # close() leaves the descriptor of a socket that died
