"""Reads one stream of the target: server-sent events with httpx, and below it a WebSocket with websocket-client.

Both have the same structure, so that only the transport differs. Size and time of one stream are limited.
"""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from http.cookies import CookieError
from typing import Any
from urllib.parse import urlsplit

import httpx
import websocket

from demos.clients.readers import NO_STATUS, NORMAL, milliseconds
from demos.probe.bounded_reads import Limited, TooLarge, Unreadable, hung_up, unpacked
from demos.probe.budget import LARGEST, PATIENCE_S, Budget
from demos.probe.reading import TOO_LONG, Asked, Manner, Reading
from demos.protocol import sse
from demos.proxies.trials import Transport

TIMEOUTS = (httpx.TimeoutException, websocket.WebSocketTimeoutException, TimeoutError)
STRANGE = (ValueError, TypeError, LookupError, OverflowError, RecursionError, CookieError)
"""Errors of the libraries on invalid data from a server."""


@dataclass(frozen=True)
class Reader:
    """Reads streams of one target, within the probe's budget."""

    base: str
    budget: Budget
    context: ssl.SSLContext
    patience_s: float = PATIENCE_S

    def read(self, transport: Transport, asked: Asked, manner: Manner = Manner()) -> Reading:  # noqa: B008 -- frozen
        """Read one stream to its end or our limit. Never raises for errors of the other side.

        `manner`: how an event stream is asked for.
        """
        self.budget.spend()
        found = Reading(transport, asked, started=milliseconds())
        ends = time.monotonic() + self.bears_s(asked)
        try:
            if transport == "sse":
                self._event_stream(found, ends, manner)
            else:
                self._websocket(found, ends)
        except (TooLarge, Unreadable, httpx.HTTPError, websocket.WebSocketException, OSError) as error:
            found.timed_out |= isinstance(error, TIMEOUTS)
            _failed(found, "timed out" if found.timed_out else str(error) or type(error).__name__)
        except httpx.InvalidURL as error:  # httpx parses a redirect's address, even if it does not follow it
            _failed(found, f"a redirect to what is no address ({error})")
        except STRANGE as error:
            _failed(found, f"what came is not from the target ({type(error).__name__})")
        found.ended = milliseconds()
        return found

    def with_more_patience(self, more_s: float) -> Reader:
        """The same, that waits so many seconds longer for each response."""
        return replace(self, patience_s=self.patience_s + more_s)

    def bears_s(self, asked: Asked) -> float:
        """Maximum seconds for reading one stream."""
        return self.patience_s + asked.seconds

    def _event_stream(self, found: Reading, ends: float, manner: Manner) -> None:
        headers = {"Accept": sse.CONTENT_TYPE, "Accept-Encoding": manner.codings}
        if found.asked.since:
            headers["Last-Event-ID"] = str(found.asked.since)
            query = Asked(**{**asdict(found.asked), "since": 0}).query()  # only the header holds the position
        else:
            query = found.asked.query()
        timeout = httpx.Timeout(self.patience_s, read=self.bears_s(found.asked))
        with (
            httpx.Client(verify=self.context, trust_env=False, timeout=timeout) as http,
            _until(found, ends) as watched,
            http.stream(
                manner.method, f"{self.base}/probe/sse?{query}", headers=headers, extensions=watched
            ) as response,
        ):
            found.status, found.opened_ms = response.status_code, milliseconds() - found.started
            found.headers = {name.lower(): value for name, value in response.headers.items()}
            kind = found.headers.get("content-type", "").split(";")[0].strip()
            if found.status != 200 or kind != sse.CONTENT_TYPE:
                found.refused = f"HTTP {found.status}" + (f", {kind or 'no type'}" if found.status == 200 else "")
                return
            (_raw if manner.raw else _events)(found, response, ends)

    def _websocket(self, found: Reading, ends: float) -> None:
        url = f"{self.base.replace('http', 'ws', 1)}/probe/ws?{found.asked.query()}"
        limited, made = self._connected(), None
        try:
            # The library checks UTF-8 byte by byte in Python, a third of a second a megabyte; decoding checks it too.
            made = websocket.create_connection(
                url, timeout=self.patience_s, socket=limited, redirect_limit=0, skip_utf8_validation=True
            )
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
            found.why = "" if found.whole else TOO_LONG
        except websocket.WebSocketBadStatusException as error:
            found.status, found.refused = error.status_code, f"HTTP {error.status_code}"
            found.headers = {name.lower(): value for name, value in (error.resp_headers or {}).items()}
            told = json.loads(error.resp_body or "{}") if error.status_code == 426 else {}
            found.told = told if isinstance(told, dict) else {}
        finally:
            if made is not None:
                made.close(status=NORMAL, timeout=1)
            limited.close()  # closes the descriptor after a lost socket or a failed handshake

    def _connected(self) -> Limited:
        """Open a size-limited connection, since websocket-client has no size limit for a handshake's response."""
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


def _events(found: Reading, response: httpx.Response, ends: float) -> None:
    """Record the events of a response."""
    decoder = sse.Decoder()
    for piece in unpacked(response):
        found.heard = milliseconds()
        for message in decoder.feed(piece):
            found.record(message.data)
        if found.whole or time.monotonic() > ends:
            found.why = "" if found.whole else TOO_LONG
            return
    found.why = "the response ended"


def _raw(found: Reading, response: httpx.Response, ends: float) -> None:
    """Record when the pieces of a response came, and nothing of what is in them."""
    for piece in response.iter_raw():
        found.heard = milliseconds()
        found.raw.append(found.heard)
        found.size += len(piece)
        if found.size > LARGEST:
            raise TooLarge
        if time.monotonic() > ends:
            found.why = TOO_LONG
            return


def _failed(found: Reading, words: str) -> None:
    """Record an error: a refusal before the response, a cut after it."""
    if found.status is None:
        found.refused = words
    else:
        found.why = words


@contextmanager
def _until(found: Reading, ends: float) -> Iterator[dict[str, Any]]:
    """Yield httpx extensions that end a request at `ends`; httpx's own timeout restarts with each byte."""
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
