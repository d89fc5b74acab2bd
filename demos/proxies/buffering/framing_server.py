"""Test server that sends an event stream with a selectable HTTP framing, on a raw socket.

    GET /chunks   each event in a chunk, whatever HTTP version asks, as uvicorn with httptools does
    GET /close    no chunks and no length: the end of the connection is the end, as in HTTP/1.0
    GET /asked    chunks if HTTP/1.1 asks, otherwise none, as the standard has it (RFC 9112, section 6.1)

`?accel=no` adds `X-Accel-Buffering: no`. Any other path is answered at once.
"""

from __future__ import annotations

import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

EVENTS = 30
GAP_MS = 50
EVENT = b"data: a token and what stands around it\n\n"
"""All of them are 1.2 kB: less than one buffer of nginx, so that what is held is held to the end."""


class _Answer(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self) -> None:
        asked = self.rfile.readline(1000).decode("latin-1").split()
        while self.rfile.readline(10_000).strip():
            pass  # headers
        if len(asked) != 3:
            return
        where = urlsplit(asked[1])
        chunked = where.path == "/chunks" or (where.path == "/asked" and asked[2] == "HTTP/1.1")
        try:
            if where.path not in ("/chunks", "/close", "/asked"):
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                return
            self.wfile.write(self._head(chunked, "accel=no" in where.query))
            self._events(chunked)
        except OSError:
            pass  # the client has left

    def _head(self, chunked: bool, accel_no: bool) -> bytes:
        head = ["HTTP/1.1 200 OK", "Content-Type: text/event-stream", "Connection: close"]
        head += ["Transfer-Encoding: chunked"] if chunked else []
        head += ["X-Accel-Buffering: no"] if accel_no else []
        return ("\r\n".join(head) + "\r\n\r\n").encode()

    def _events(self, chunked: bool) -> None:
        began = time.monotonic()
        for n in range(EVENTS):
            time.sleep(max(0.0, began + (n + 1) * GAP_MS / 1000 - time.monotonic()))
            self.wfile.write(b"%x\r\n%b\r\n" % (len(EVENT), EVENT) if chunked else EVENT)
        self.wfile.write(b"0\r\n\r\n" if chunked else b"")


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128


@contextmanager
def framed() -> Iterator[int]:
    """The port of such a server on this machine, while the block lasts."""
    with _Server(("127.0.0.1", 0), _Answer) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
