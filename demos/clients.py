"""The measuring clients: an event stream read with httpx, and below it a WebSocket read with websocket-client.

Same shape, so that what differs is the transport. Build and `open()` before the clock starts: building an httpx client
costs tens of milliseconds, which would be read as the event stream's. `receive()` then reads one run to its end and
returns a receipt; `demos.measure` counts.
"""

from __future__ import annotations

import time
from typing import Literal, Protocol

import httpx
import websocket

from demos import sse
from demos.measure import Receipt
from demos.notes import Clock, Notes

CHANNELS = "messages,lifecycle"
MAX_RECONNECTS = 20
"""A client that gets no further gives up and says what it has."""
WORTH_ANOTHER_TRY = 4408
"""The server's close code for a reader that was too slow. Its other codes from 4400 on are refusals, and stay so."""


def milliseconds() -> float:
    return time.monotonic() * 1000


class Client(Protocol):
    """Reads one run."""

    @property
    def transport(self) -> Literal["sse", "websocket"]: ...
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
        path: str | None = None,
        most_reconnects: int | None = None,
    ) -> None:
        """`path`: another stream than that of the thread's events."""
        self.name = name
        self._url = f"{api}{path or f'/threads/{thread_id}/stream/events?channels={CHANNELS}&since=0'}"
        self._resume = resume
        self._most_reconnects = MAX_RECONNECTS if most_reconnects is None else most_reconnects
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

    def receive(self, started: float) -> Receipt:
        """Read to the run's end, through cuts; or until the server refuses to go on, as when it was restarted."""
        while True:
            try:
                self._read()
            except httpx.TransportError:
                pass  # cut, or silent for too long
            if self._notes.finished or not self._resume or not self._reconnect():
                return self._notes.receipt(self.transport, self.name, started)

    def _read(self) -> None:
        if self._response is None:
            return  # it did not come about
        for chunk in self._response.iter_raw():
            for message in self._decoder.feed(chunk):
                if message.event == "ping":
                    continue
                around = len(sse.encode("", message.event, message.last_event_id))
                # HTTP/1.1 puts each event into a chunk of its own: its length in hex, and two line ends.
                body = around + len(message.data.encode())
                self._notes.take(message.data, around + len(f"{body:x}") + 4)
            if self._notes.finished:
                return

    def _reconnect(self) -> bool:
        """Whether it is worth reading on. Like EventSource: not after any status but success."""
        if self._notes.reconnects >= self._most_reconnects:
            return False
        self._notes.reconnects += 1
        self.close_response()
        time.sleep((self._decoder.retry_ms or 3000) / 1000)
        try:
            self.open()
        except httpx.TransportError:
            pass  # nobody there, as yet
        except httpx.HTTPStatusError:
            return False
        return True

    def close_response(self) -> None:
        if self._response is not None:
            self._response.close()
            self._response = None

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
        path: str | None = None,
    ) -> None:
        """`path`: another stream than that of the thread's events, with its channels."""
        self.name = name
        path = path or f"/threads/{thread_id}/stream/events?channels={CHANNELS}"
        self._url = f"{api.replace('http', 'ws', 1)}{path}"
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
        url = f"{self._url}&since={self._notes.last}"
        self._socket = websocket.create_connection(url, timeout=self._silence_s, http_no_proxy=["*"])

    def receive(self, started: float) -> Receipt:
        """Read to the run's end, through cuts if it knows how; or until the server refuses to go on."""
        while True:
            code = 0
            try:
                code = self._read()
            except (OSError, websocket.WebSocketException):
                pass  # cut, or silent for too long
            refused = 4400 <= code < 4600 and code != WORTH_ANOTHER_TRY
            if self._notes.finished or not self._resume or refused or not self._reconnect():
                return self._notes.receipt(self.transport, self.name, started)

    def _read(self) -> int:
        """Read until the run is over, or the socket. Returns the close code; 0 if there was none."""
        while not self._notes.finished and self._socket is not None:
            kind, data = self._socket.recv_data()
            if kind == websocket.ABNF.OPCODE_CLOSE:
                return int.from_bytes(data[:2], "big")
            # RFC 6455, section 5.2: the length takes 0, 2 or 8 further bytes; a server's frames carry no mask.
            size = len(data)
            self._notes.take(data.decode(), 2 if size < 126 else 4 if size < 65_536 else 10)
        return 0

    def _reconnect(self) -> bool:
        """Whether it is worth reading on."""
        if self._notes.reconnects >= MAX_RECONNECTS:
            return False
        self._notes.reconnects += 1
        self.close()
        time.sleep(self._retry_ms / 1000)
        try:
            self.open()
        except websocket.WebSocketBadStatusException:
            return False
        except (OSError, websocket.WebSocketException):
            pass  # nobody there, as yet
        return True

    def close(self) -> None:
        if self._socket is not None:
            connection, self._socket = self._socket, None
            connection.close(timeout=1)
            connection.shutdown()  # type: ignore[no-untyped-call]  # close() leaves the descriptor of a socket that died
