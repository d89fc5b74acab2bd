"""Measuring clients: an event stream read with httpx, and below it a WebSocket read with websocket-client.

Both have the same structure, so that only the transport differs. Build and `open()` before the clock starts: building
an httpx client takes tens of milliseconds, which would count against the event stream. `receive()` then reads one run
to its end and returns a receipt; `demos.protocol.receipts` counts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Literal, Protocol
from urllib.parse import urlencode

import httpx
import websocket

from demos.clients.recorder import Clock, Ending, Listen, Recording, ignore_event
from demos.protocol import sse
from demos.protocol.receipts import Receipt

CHANNELS = "messages,lifecycle"
Asks = Mapping[str, int | str]
"""Further parameters of a subscription."""
MAX_RECONNECTS = 20
"""Maximum reconnects; then the client gives up and returns its receipt."""
WORTH_ANOTHER_TRY = 4408
"""The server's close code for a reader that was too slow."""
NORMAL, NO_STATUS = 1000, 1005
"""Close codes: a normal end, and a close frame without a code (RFC 6455, section 7.4.1)."""


def is_permanent(close_code: int) -> bool:
    """Whether clients do not come back after this close code of the server. Codes from 4500 on say: not now."""
    return 4400 <= close_code < 4500 and close_code != WORTH_ANOTHER_TRY


def milliseconds() -> float:
    return time.monotonic() * 1000


def refusal(call: Callable[[], None]) -> str | None:
    """Try to open a client: None on success, otherwise how it was refused. A closed connection is a refusal, too."""
    try:
        call()
    except httpx.HTTPStatusError as error:
        return f"HTTP {error.response.status_code}"
    except websocket.WebSocketBadStatusException as error:
        return f"HTTP {error.status_code}"
    except (OSError, httpx.HTTPError, websocket.WebSocketException) as error:
        return str(error) or type(error).__name__
    return None


def came_back(
    open: Callable[[], None],
    close: Callable[[], None],
    notes: Recording,
    wait_ms: float,
    patient: bool,
    most: int | None = None,
) -> bool:
    """Reconnect after the delay, and repeat while there is no answer; returns whether it succeeded.

    Gives up on a refusal, unless `patient`, and when the client is closed.
    """
    most = MAX_RECONNECTS if most is None else most
    while notes.reconnects < most:
        notes.reconnects += 1
        close()
        if notes.left.wait(wait_ms / 1000):
            return False
        refused = refusal(open)
        if refused is None:
            notes.back += 1
            return True
        notes.ended(refused)
        if refused.startswith("HTTP ") and not patient:
            notes.refused_for_good = True
            return False
    return False


def posted(api: str) -> str | None:
    """Create a thread as a page from this address would; returns how the server refused, or None."""
    origin = api.removesuffix("/api")
    return refusal(lambda: _ok(httpx.post(f"{api}/threads", json={}, headers={"Origin": origin}, trust_env=False)))


def _ok(response: httpx.Response) -> None:
    response.raise_for_status()


class Client(Protocol):
    """Reads one run."""

    @property
    def transport(self) -> Literal["sse", "websocket"]: ...
    @property
    def carried_ms(self) -> float | None: ...
    @property
    def refused_for_good(self) -> bool: ...
    def open(self) -> None: ...
    def receive(self, started: float) -> Receipt: ...
    def close(self) -> None: ...
    @property
    def endings(self) -> list[Ending]: ...
    @property
    def received(self) -> int: ...


class RecordedProgress:
    """Progress of a client so far, for observers."""

    _notes: Recording

    @property
    def endings(self) -> list[Ending]:
        return self._notes.endings

    @property
    def refused_for_good(self) -> bool:
        """See `Recording.refused_for_good`."""
        return self._notes.refused_for_good

    @property
    def received(self) -> int:
        """Number of events so far."""
        return len(self._notes.seq)

    @property
    def back(self) -> int:
        """Number of successful reconnects so far."""
        return self._notes.back


class EventStreamClient(RecordedProgress):
    """Client for server-sent events. Like a browser, reconnects with Last-Event-ID after the delay that the server set.

    Like a browser, gives up when a reconnect is answered with an error; a `patient` client tries again.
    """

    transport: Literal["sse"] = "sse"

    def __init__(
        self,
        api: str,
        thread_id: str,
        name: str = "httpx",
        resume: bool = True,
        silence_s: float = 5.0,
        clock: Clock = milliseconds,
        patient: bool = False,
        channels: str = CHANNELS,
        listen: Listen = ignore_event,
        asks: Asks | None = None,
        path: str | None = None,
        most_reconnects: int | None = None,
    ) -> None:
        """`path`: of another stream than the thread's events."""
        self.name = name
        self._patient = patient
        query = urlencode({"channels": channels, "since": 0, **(asks or {})})
        self._url = f"{api}{path or f'/threads/{thread_id}/stream/events?{query}'}"
        self._resume = resume
        self._most_reconnects = most_reconnects
        self._notes = Recording(clock, listen)
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
        # Drop the unfinished event of a cut stream; keep the position and the delay.
        kept, self._decoder = self._decoder, sse.Decoder()
        self._decoder.last_event_id, self._decoder.retry_ms = kept.last_event_id, kept.retry_ms
        request = self._http.build_request("GET", self._url, headers=headers)
        self._response = self._http.send(request, stream=True)
        self._response.raise_for_status()
        self._notes.finished = self._response.status_code == 204  # 204: the server has no more events

    @property
    def carried_ms(self) -> float | None:
        """See `Recording.carried_ms`."""
        return self._notes.carried_ms

    def receive(self, started: float) -> Receipt:
        """Read to the run's end, reconnecting after cuts; or until the server refuses, as after its restart."""
        while True:
            try:
                self._read()
                self._notes.ended("the response ended")
            except httpx.TransportError as error:
                self._notes.ended(error)  # cut, or silent for too long
            if self._notes.finished or not self._resume or not self._reconnected():
                return self._notes.receipt(self.transport, self.name, started)

    def _read(self) -> None:
        if self._response is None:
            return  # opening failed
        for chunk in self._response.iter_raw():
            for message in self._decoder.feed(chunk):
                if message.event == "ping":
                    self._notes.beats += 1
                    continue
                around = len(sse.encode("", message.event, message.last_event_id))
                # HTTP/1.1 puts each event into a chunk of its own: its length in hex, and two line ends.
                body = around + len(message.data.encode())
                self._notes.record(message.data, around + len(f"{body:x}") + 4)
            if self._notes.finished:
                return

    def _reconnected(self) -> bool:
        """Reconnect; returns whether to read on. Like EventSource, only after a success status."""
        wait_ms = self._decoder.retry_ms or 3000
        return came_back(self.open, self.close_response, self._notes, wait_ms, self._patient, self._most_reconnects)

    def close_response(self) -> None:
        if self._response is not None:
            self._response.close()
            self._response = None

    def close(self) -> None:
        self._notes.left.set()
        self.close_response()
        self._http.close()


class WebSocketClient(RecordedProgress):
    """WebSocket client. With `resume` it reconnects and asks for the events after its last one, as the protocol itself
    does not resume. Without (`naive`, as in tutorials), the rest of the answer is lost when the socket dies.

    Gives up when the server refuses permanently; a `patient` client tries again.
    """

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
        patient: bool = False,
        channels: str = CHANNELS,
        listen: Listen = ignore_event,
        asks: Asks | None = None,
        path: str | None = None,
    ) -> None:
        """`path`: of another stream than the thread's events, without the usual channels."""
        self.name = name
        self._patient = patient
        usual: Asks = {} if path else {"channels": channels, "since": 0}
        self._asks: Asks = {**usual, **(asks or {})}
        path = path or f"/threads/{thread_id}/stream/events"
        self._url = f"{api.replace('http', 'ws', 1)}{path}{'&' if '?' in path else '?'}"
        self._resume = resume
        self._notes = Recording(clock, listen)
        self._silence_s = silence_s
        self._retry_ms = retry_ms
        self._socket: websocket.WebSocket | None = None

    def open(self) -> None:
        """Connect. Returns once the server has answered.

        Raises:
            OSError, websocket.WebSocketException: it did not, or refused.
        """
        since = {"since": self._notes.last} if self._notes.last else {}
        url = f"{self._url}{urlencode({**self._asks, **since})}"
        self._socket = websocket.create_connection(url, timeout=self._silence_s, http_no_proxy=["*"])

    @property
    def carried_ms(self) -> float | None:
        """See `Recording.carried_ms`."""
        return self._notes.carried_ms

    def receive(self, started: float) -> Receipt:
        """Read to the run's end, reconnecting after cuts with `resume`; or until it gives up."""
        while True:
            code = 0
            try:
                code = self._read()
                self._notes.ended(f"close code {code}")
            except (OSError, websocket.WebSocketException) as error:
                self._notes.ended(error)  # cut, or silent for too long
            refused = is_permanent(code) and not self._patient
            self._notes.refused_for_good = self._notes.refused_for_good or refused
            if self._notes.finished or not self._resume or refused or not self._reconnected():
                return self._notes.receipt(self.transport, self.name, started)

    def _read(self) -> int:
        """Read to the end of the run or of the connection; returns the close code."""
        while not self._notes.finished and self._socket is not None:
            opcode, data = self._socket.recv_data()
            if opcode == websocket.ABNF.OPCODE_CLOSE:
                return int.from_bytes(data[:2], "big") if len(data) > 1 else NO_STATUS
            # RFC 6455, section 5.2: the length takes 0, 2 or 8 further bytes; a server's frames carry no mask.
            size = len(data)
            self._notes.record(data.decode(), 2 if size < 126 else 4 if size < 65_536 else 10)
        return NORMAL

    def _reconnected(self) -> bool:
        return came_back(self.open, self.close_socket, self._notes, self._retry_ms, self._patient)

    def say(self, text: str) -> None:
        """Send a frame, from any thread; its reply arrives among the events.

        Raises:
            OSError, websocket.WebSocketException: the socket is lost.
        """
        assert self._socket is not None
        self._socket.send(text)

    def close(self) -> None:
        self._notes.left.set()
        self.close_socket()

    def close_socket(self) -> None:
        if self._socket is not None:
            connection, self._socket = self._socket, None
            connection.close(timeout=1)
            connection.shutdown()  # type: ignore[no-untyped-call]  # close() leaves the descriptor of a socket that died
