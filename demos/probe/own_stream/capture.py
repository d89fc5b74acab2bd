"""Reads a user's own stream within bounds, and keeps its bytes with the times at which they came."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import websocket

from demos.clients.readers import NO_STATUS, milliseconds
from demos.probe.bounded_reads import Limited, TooLarge, Unreadable, hung_up, unpacked
from demos.probe.budget import LARGEST, PATIENCE_S
from demos.probe.own_stream.request import OwnRequest
from demos.probe.reading import AS_BROWSERS, ONE_CODING
from demos.protocol import sse

STRANGE = (ValueError, TypeError, LookupError, OverflowError, RecursionError)


@dataclass
class Capture:
    """One answer. Times in milliseconds from the request."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    opened_ms: float = 0.0
    pieces: list[tuple[float, bytes]] = field(default_factory=list)
    """When each piece came, and its bytes; of a WebSocket, each message."""
    is_text: list[bool] = field(default_factory=list)
    """Of a WebSocket, whether each message was text."""
    pings: int = 0
    ended_ms: float = 0.0
    is_left: bool = False
    """Whether we ended it, at our limit of time."""
    ended: bool = False
    """Whether the other side ended it, before our limit."""
    code: int | None = None
    """The close code of a WebSocket; None: no close frame."""
    why: str = ""
    """How it ended, or why nothing came."""

    @property
    def raw(self) -> bytes:
        return b"".join(piece for _, piece in self.pieces)

    @property
    def first_ms(self) -> float | None:
        return self.pieces[0][0] if self.pieces else None

    @property
    def quietest_ms(self) -> float:
        """The longest time without a byte, the waits for the first and for the end included."""
        times = [self.opened_ms, *(at for at, _ in self.pieces), self.ended_ms]
        return max((later - earlier for earlier, later in zip(times, times[1:], strict=False)), default=0.0)


def read_stream(
    asked: OwnRequest, context: ssl.SSLContext, last_event_id: str = "", browser: bool = False, most_events: int = 0
) -> Capture:
    """Read one HTTP answer. Never raises for errors of the other side.

    Args:
        last_event_id: the position of a reconnect; empty: none.
        browser: ask for every coding of a browser, and keep only the times of the pieces.
        most_events: leave after so many events; 0: read on to the end or our limit.
    """
    found, began = Capture(), milliseconds()
    headers = _headers(asked, last_event_id, browser)
    sockets: list[socket.socket] = []

    def trace(event: str, about: Mapping[str, Any]) -> None:
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            sockets.append(about["return_value"].get_extra_info("socket"))

    ends = time.monotonic() + PATIENCE_S + asked.seconds
    timeout = httpx.Timeout(PATIENCE_S, read=asked.seconds + PATIENCE_S)
    try:
        with (
            httpx.Client(verify=context, trust_env=False, timeout=timeout) as http,
            hung_up(sockets, ends) as over,
            http.stream(
                asked.method, asked.url, headers=headers, content=asked.body or None, extensions={"trace": trace}
            ) as response,
        ):
            found.status, found.opened_ms = response.status_code, milliseconds() - began
            found.headers = {name.lower(): value for name, value in response.headers.items()}
            try:
                _keep(found, response, began, browser, most_events)
            finally:
                found.is_left = over.is_set()
                found.ended = found.ended and not found.is_left
    except (TooLarge, Unreadable, httpx.HTTPError, httpx.InvalidURL, OSError, *STRANGE) as error:
        found.why = found.why or str(error)[:200] or type(error).__name__
    found.ended_ms = milliseconds() - began
    return found


def _headers(asked: OwnRequest, last_event_id: str, browser: bool) -> dict[str, str]:
    # What is given wins: servers of the Model Context Protocol want two types to be accepted.
    given = {name.title(): value for name, value in asked.headers.items()}
    found = {"Accept": sse.CONTENT_TYPE, **given, "Accept-Encoding": AS_BROWSERS if browser else ONE_CODING}
    if last_event_id:
        found["Last-Event-ID"] = last_event_id
    if asked.body and "content-type" not in {name.lower() for name in found}:
        found["Content-Type"] = "application/json" if asked.body.lstrip()[:1] in ("{", "[") else "text/plain"
    return found


def _keep(found: Capture, response: httpx.Response, began: float, browser: bool, most_events: int) -> None:
    decoder, events, size = sse.Decoder(), 0, 0
    for piece in response.iter_raw() if browser else unpacked(response):
        if not piece:
            continue
        found.pieces.append((milliseconds() - began, piece))
        size += len(piece)
        if size > LARGEST:
            raise TooLarge
        if most_events and not browser:
            events += sum(1 for _ in decoder.feed(piece))
            if events >= most_events:
                return
    found.ended = True


def read_websocket(asked: OwnRequest, context: ssl.SSLContext) -> Capture:
    """Read one WebSocket, and send the body as the first message. Never raises for errors of the other side."""
    found, began = Capture(), milliseconds()
    ends, made, limited = time.monotonic() + PATIENCE_S + asked.seconds, None, None
    try:
        limited = _connected(asked.url, context, ends)
        headers = [f"{name}: {value}" for name, value in asked.headers.items()]
        made = websocket.create_connection(
            asked.url, timeout=PATIENCE_S, socket=limited, redirect_limit=0, header=headers
        )
        found.status, found.opened_ms = 101, milliseconds() - began
        found.headers = {name.lower(): value for name, value in (made.getheaders() or {}).items()}
        if asked.body:
            made.send(asked.body)
        made.settimeout(asked.seconds)
        _messages(found, made, began, ends)
    except websocket.WebSocketBadStatusException as error:
        found.status = error.status_code
        found.why = f"HTTP {error.status_code}"
        found.headers = {name.lower(): value for name, value in (error.resp_headers or {}).items()}
    except (websocket.WebSocketTimeoutException, TimeoutError):
        found.why = "timed out"
    except (TooLarge, websocket.WebSocketException, OSError, *STRANGE) as error:
        found.ended, found.why = found.status == 101, str(error)[:200] or type(error).__name__
    finally:
        if made is not None:
            made.close(timeout=1)
        if limited is not None:
            limited.close()
    found.ended_ms = milliseconds() - began
    return found


def _messages(found: Capture, made: websocket.WebSocket, began: float, ends: float) -> None:
    while time.monotonic() < ends:
        opcode, data = made.recv_data(control_frame=True)
        if opcode == websocket.ABNF.OPCODE_PING:
            found.pings += 1
        elif opcode == websocket.ABNF.OPCODE_CLOSE:
            found.ended, found.code = True, int.from_bytes(data[:2], "big") if len(data) > 1 else NO_STATUS
            return
        elif opcode in (websocket.ABNF.OPCODE_TEXT, websocket.ABNF.OPCODE_BINARY):
            found.pieces.append((milliseconds() - began, bytes(data)))
            found.is_text.append(opcode == websocket.ABNF.OPCODE_TEXT)


def _connected(url: str, context: ssl.SSLContext, ends: float) -> Limited:
    parts = httpx.URL(url)
    secure = parts.scheme == "wss"
    plain = socket.create_connection((parts.host, parts.port or (443 if secure else 80)), PATIENCE_S)
    try:
        return Limited(context.wrap_socket(plain, server_hostname=parts.host) if secure else plain, ends)
    except BaseException:
        plain.close()
        raise
