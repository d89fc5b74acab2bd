"""Reads an event stream over HTTP/2, as strictly as the standard asks.

Browsers forgive what other clients refuse: a header that concerns one connection only, for example (RFC 9113, 8.2.2).
"""

from __future__ import annotations

import socket
import ssl
import time
from urllib.parse import urlsplit

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import ConnectionTerminated, DataReceived, ResponseReceived, StreamEnded, StreamReset
from h2.exceptions import H2Error

from demos.clients.readers import milliseconds
from demos.probe.budget import LARGEST, PATIENCE_S, Budget
from demos.probe.reading import Asked, Reading
from demos.protocol import sse

PIECE = 65_536


def read(base: str, asked: Asked, budget: Budget, ca: ssl.SSLContext, patience_s: float = PATIENCE_S) -> Reading:
    """Read one stream. Never raises for errors of the other side.

    Asks for no coding that we could not unpack: the coding of browsers is tried elsewhere.
    """
    budget.spend()
    found = Reading("sse", asked, started=milliseconds())
    ends = time.monotonic() + patience_s + asked.seconds
    try:
        with _connected(base, ca, patience_s) as secure:
            if secure.selected_alpn_protocol() != "h2":
                found.refused = "HTTP/2 is no longer offered"
            else:
                _Stream(found, secure, ends).read(base)
    except (TimeoutError, ssl.SSLWantReadError):
        found.timed_out, found.why = True, "timed out"
    except H2Error as error:
        found.why = f"PROTOCOL_ERROR: {error}"[:200]
    except (OSError, ValueError) as error:
        found.why = str(error)[:200] or type(error).__name__
    if found.status is None and not found.refused:
        found.refused = found.why or "no response"
    found.ended = milliseconds()
    return found


def _connected(base: str, ca: ssl.SSLContext, patience_s: float) -> ssl.SSLSocket:
    ca.set_alpn_protocols(["h2"])
    try:
        parts = urlsplit(base)
        plain = socket.create_connection((parts.hostname or "", parts.port or 443), patience_s)
        try:
            return ca.wrap_socket(plain, server_hostname=parts.hostname)
        except BaseException:
            plain.close()
            raise
    finally:
        ca.set_alpn_protocols(["http/1.1"])  # the context is shared with the readers of HTTP/1.1


class _Stream:
    """One request on one connection."""

    def __init__(self, found: Reading, secure: ssl.SSLSocket, ends: float) -> None:
        self._found, self._secure, self._ends = found, secure, ends
        self._h2 = H2Connection(H2Configuration(client_side=True, header_encoding="utf-8"))
        self._decoder, self._size = sse.Decoder(), 0

    def read(self, base: str) -> None:
        parts = urlsplit(base)
        path = f"{parts.path}/probe/sse?{self._found.asked.query()}"
        self._h2.initiate_connection()
        head = [(":method", "GET"), (":scheme", "https"), (":authority", parts.netloc), (":path", path)]
        self._h2.send_headers(1, [*head, ("accept", sse.CONTENT_TYPE)], end_stream=True)
        self._secure.sendall(self._h2.data_to_send())
        while not self._found.whole and not self._found.why and not self._found.refused:
            left_s = self._ends - time.monotonic()
            if left_s <= 0:
                raise TimeoutError
            self._secure.settimeout(left_s)
            data = self._secure.recv(PIECE)
            if not data:
                self._found.why = "the connection ended"
                return
            self._take(data)
            self._secure.sendall(self._h2.data_to_send())

    def _take(self, data: bytes) -> None:
        found = self._found
        for event in self._h2.receive_data(data):
            match event:
                case ResponseReceived():
                    headers = {str(name): str(value) for name, value in event.headers or []}
                    found.status, found.headers = int(headers.pop(":status", "0")), headers
                    found.opened_ms = milliseconds() - found.started
                    if found.status != 200:
                        found.refused = f"HTTP {found.status}"
                case DataReceived():
                    self._events(event)
                case StreamReset():
                    found.why = f"the stream was reset, code {event.error_code}"
                case ConnectionTerminated():
                    found.why = f"the connection was given up, code {event.error_code}"
                case StreamEnded():
                    found.why = "" if found.whole else "the response ended"

    def _events(self, event: DataReceived) -> None:
        piece = event.data or b""
        self._size += len(piece)
        if self._size > LARGEST:
            raise ValueError(f"more than {LARGEST} bytes")
        self._found.heard = milliseconds()
        for message in self._decoder.feed(piece):
            self._found.record(message.data)
        self._h2.acknowledge_received_data(event.flow_controlled_length or 0, 1)
