"""Reads one stream of the target: server-sent events with httpx, and below it a WebSocket with websocket-client.

Same shape, so that what differs is the transport. What is read of one stream, and how long, is bounded.
"""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from http.cookies import CookieError
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import websocket

from demos.clients.readers import NO_STATUS, NORMAL, milliseconds
from demos.probe.bounded_reads import ASKED_CODING, Limited, TooLarge, Unreadable, hung_up, unpacked
from demos.probe.budget import PATIENCE_S, Budget
from demos.protocol import sse
from demos.proxies.trials import Transport

TIMEOUTS = (httpx.TimeoutException, websocket.WebSocketTimeoutException, TimeoutError)
STRANGE = (ValueError, TypeError, LookupError, OverflowError, RecursionError, CookieError)
"""What the libraries beneath raise of what nobody should send."""


@dataclass(frozen=True)
class Asked:
    """What the target is asked for; its query."""

    n: int
    gap_ms: int
    silence_ms: int = 0
    heartbeat_ms: int = 0
    since: int = 0
    bare: int = 0
    """1: without the response header that asks proxies not to hold the stream, X-Accel-Buffering."""

    def query(self) -> str:
        return urlencode(asdict(self))

    @property
    def seconds(self) -> float:
        """How long the stream lasts if nothing cuts it."""
        return (self.n * self.gap_ms + self.silence_ms) / 1000


@dataclass
class Reading:
    """What came of one stream. Times in milliseconds on our clock, `sent` on the target's."""

    transport: Transport
    asked: Asked
    status: int | None = None
    """HTTP status; 101 for a WebSocket. None: there was no answer."""
    refused: str | None = None
    """How opening failed, in words; then nothing else is known."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Of the response; names in lower case."""
    opened_ms: float = 0.0
    started: float = 0.0
    at: list[float] = field(default_factory=list)
    seq: list[int] = field(default_factory=list)
    sent: list[float] = field(default_factory=list)
    signs: list[float] = field(default_factory=list)
    """When the server pinged, which the target does not ask it to."""
    heard: float = 0.0
    """When anything came last, heartbeats too."""
    told: Mapping[str, Any] = field(default_factory=dict)
    """What the target said of a handshake of which only the plain request arrived."""
    ended: float = 0.0
    why: str = ""
    """How the connection ended before the last event."""
    timed_out: bool = False
    """Nothing came for longer than we wait, nor that the connection was over."""
    size: int = 0
    """Bytes of payload."""

    @property
    def whole(self) -> bool:
        """Whether the last event came."""
        return bool(self.seq) and self.seq[-1] == self.asked.n

    @property
    def cut_s(self) -> float | None:
        """Seconds from the first event, or from the answer where none came, until it was cut; None if it was not."""
        if self.refused or self.whole:
            return None
        begun = self.at[0] if self.at else self.started
        # Where nobody said that it was over, all that is known is when the last event came.
        ended = (self.at[-1] if self.at else self.started) if self.timed_out else self.ended
        return round((ended - begun) / 1000, 1)

    def record(self, text: str) -> None:
        """One event.

        Raises:
            ValueError: the target says no such thing.
        """
        now = milliseconds()
        self.size += len(text.encode())
        event: Any = json.loads(text)
        if not isinstance(event, dict):
            raise ValueError("an event that the target does not send")
        if "seq" in event:
            seq, sent = int(event["seq"]), float(event["sent_ms"])
            self.at.append(now)
            self.seq.append(seq)
            self.sent.append(sent)


@dataclass(frozen=True)
class Reader:
    """Where the target is, and what may be spent on it."""

    base: str
    budget: Budget
    context: ssl.SSLContext
    patience_s: float = PATIENCE_S

    def read(self, transport: Transport, asked: Asked) -> Reading:
        """One stream, to its end or ours. Never raises for what the other side does."""
        self.budget.spend()
        found = Reading(transport, asked, started=milliseconds())
        ends = time.monotonic() + self.bears_s(asked)
        try:
            (self._event_stream if transport == "sse" else self._websocket)(found, ends)
        except (TooLarge, Unreadable, httpx.HTTPError, websocket.WebSocketException, OSError) as error:
            found.timed_out |= isinstance(error, TIMEOUTS)
            _failed(found, "timed out" if found.timed_out else str(error) or type(error).__name__)
        except httpx.InvalidURL as error:  # httpx looks at where a redirect leads, though it does not go there
            _failed(found, f"a redirect to what is no address ({error})")
        except STRANGE as error:
            _failed(found, f"what came is not from the target ({type(error).__name__})")
        found.ended = milliseconds()
        return found

    def bears_s(self, asked: Asked) -> float:
        """How long a stream is read at most, whatever comes meanwhile."""
        return self.patience_s + asked.seconds

    def _event_stream(self, found: Reading, ends: float) -> None:
        decoder = sse.Decoder()
        headers = {"Accept": sse.CONTENT_TYPE, "Accept-Encoding": ASKED_CODING}
        if found.asked.since:
            headers["Last-Event-ID"] = str(found.asked.since)
            query = Asked(**{**asdict(found.asked), "since": 0}).query()  # the header alone must tell the position
        else:
            query = found.asked.query()
        timeout = httpx.Timeout(self.patience_s, read=self.bears_s(found.asked))
        with (
            httpx.Client(verify=self.context, trust_env=False, timeout=timeout) as http,
            _until(found, ends) as watched,
            http.stream("GET", f"{self.base}/probe/sse?{query}", headers=headers, extensions=watched) as response,
        ):
            found.status, found.opened_ms = response.status_code, milliseconds() - found.started
            found.headers = {name.lower(): value for name, value in response.headers.items()}
            kind = found.headers.get("content-type", "").split(";")[0].strip()
            if found.status != 200 or kind != sse.CONTENT_TYPE:
                found.refused = f"HTTP {found.status}" + (f", {kind or 'no type'}" if found.status == 200 else "")
                return
            for piece in unpacked(response):
                found.heard = milliseconds()
                for message in decoder.feed(piece):
                    found.record(message.data)
                if found.whole or time.monotonic() > ends:
                    found.why = "" if found.whole else "it went on and on"
                    return
            found.why = "the response ended"

    def _websocket(self, found: Reading, ends: float) -> None:
        url = f"{self.base.replace('http', 'ws', 1)}/probe/ws?{found.asked.query()}"
        limited, made = self._connected(), None
        try:
            made = websocket.create_connection(url, timeout=self.patience_s, socket=limited, redirect_limit=0)
            found.status, found.opened_ms = 101, milliseconds() - found.started
            found.headers = {name.lower(): value for name, value in (made.getheaders() or {}).items()}
            made.settimeout(self.bears_s(found.asked))
            limited.ends = ends
            while not found.whole and time.monotonic() < ends:
                opcode, data = made.recv_data(control_frame=True)
                found.heard = milliseconds()
                if opcode == websocket.ABNF.OPCODE_PING:
                    found.signs.append(found.heard)
                elif opcode == websocket.ABNF.OPCODE_CLOSE:
                    code = int.from_bytes(data[:2], "big") if len(data) > 1 else NO_STATUS
                    found.why = "" if found.whole else f"close code {code}"
                    return
                elif opcode == websocket.ABNF.OPCODE_TEXT:
                    found.record(data.decode())
            found.why = "" if found.whole else "it went on and on"
        except websocket.WebSocketBadStatusException as error:
            found.status, found.refused = error.status_code, f"HTTP {error.status_code}"
            found.headers = {name.lower(): value for name, value in (error.resp_headers or {}).items()}
            told = json.loads(error.resp_body or "{}") if error.status_code == 426 else {}
            found.told = told if isinstance(told, dict) else {}
        finally:
            if made is not None:
                made.close(status=NORMAL, timeout=1)
            limited.close()  # of a socket that died, and of a handshake that failed, the descriptor is left

    def _connected(self) -> Limited:
        """A connection of our own, as websocket-client reads a handshake's answer whatever its size."""
        parts, ends = urlsplit(self.base), time.monotonic() + self.patience_s
        secure = parts.scheme == "https"
        where = (parts.hostname or "", parts.port or (443 if secure else 80))
        plain = socket.create_connection(where, self.patience_s)
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return Limited(self.context.wrap_socket(plain, server_hostname=where[0]) if secure else plain, ends)
        except BaseException:
            plain.close()
            raise


def _failed(found: Reading, words: str) -> None:
    """What goes wrong before an answer is a refusal, after it a cut."""
    if found.status is None:
        found.refused = words
    else:
        found.why = words


@contextmanager
def _until(found: Reading, ends: float) -> Iterator[dict[str, Any]]:
    """Extensions of a request that is over then, the head of its answer included: httpx counts anew with each byte."""
    sockets: list[socket.socket] = []

    def trace(event: str, about: Mapping[str, Any]) -> None:
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            sockets.append(about["return_value"].get_extra_info("socket"))

    with hung_up(sockets, ends) as over:
        try:
            yield {"trace": trace}
        finally:
            found.timed_out = over.is_set() and not found.whole
            if found.timed_out and found.status is not None:
                found.why = "timed out"
