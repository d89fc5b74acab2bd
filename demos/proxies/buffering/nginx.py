"""Measures whether nginx buffers an event stream, for each setting that is blamed or recommended for it."""

from __future__ import annotations

import http.client
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

from demos.protocol.receipts import bursts
from demos.proxies.buffering.framing_server import EVENT, EVENTS, GAP_MS, framed
from demos.proxies.catalog import Binary
from demos.proxies.running import proxied

NAME = "nginx"
"""The only proxy that is said to buffer event streams, and does."""
STREAMED = 0.5
"""Minimum share of events in separate pieces that counts as streamed, as a busy machine joins some. Buffered: one."""
PATIENCE_S = 20.0
Framing = Literal["asked", "chunks", "close"]


@dataclass(frozen=True)
class Case:
    """One set-up: a location of buffering.conf, and the behaviour of the server behind it."""

    place: str
    framing: Framing = "asked"
    accel_no: bool = False
    """Whether the response has X-Accel-Buffering: no."""
    http_version: str = "default"
    """HTTP version from nginx to the server."""
    buffering: bool = True
    gzip: bool = False

    @property
    def path(self) -> str:
        return f"/{self.place}/{self.framing}" + ("?accel=no" if self.accel_no else "")


CASES = (
    Case("bare"),
    Case("bare", "chunks"),
    Case("bare", "close"),
    Case("bare", "close", accel_no=True),
    Case("http10", http_version="1.0"),
    Case("http10", http_version="1.0", accel_no=True),
    Case("http11", http_version="1.1"),
    Case("http11", "close", http_version="1.1"),
    Case("off", buffering=False),
    Case("off", "close", buffering=False),
    Case("gzip", "chunks", gzip=True),
    Case("gzip", "chunks", gzip=True, accel_no=True),
    Case("gzip-off", "chunks", buffering=False, gzip=True),
)
"""From the plain proxy_pass, one change at a time; combinations name both changes."""


@dataclass(frozen=True)
class Row:
    """Result of one set-up. Times in ms from the request; the server sends an event every 50 ms, the first after 50."""

    case: Case
    version: str
    first_ms: float
    last_ms: float
    pieces: int
    """Number of pieces in which the events arrived."""
    events: int
    compressed: bool

    @property
    def streamed(self) -> bool:
        return self.pieces >= STREAMED * self.events

    @property
    def word(self) -> str:
        return "streamed" if self.streamed else "held"


def buffering(binary: Binary) -> tuple[Row, ...]:
    """Measure every set-up behind one nginx, in parallel; takes about three seconds.

    Raises:
        ProxyFailed: nginx does not start.
        OSError: nginx closed a connection early.
    """
    with (
        framed() as upstream,
        proxied(binary, "buffering", upstream) as proxy,
        ThreadPoolExecutor(len(CASES)) as threads,
    ):
        jobs = [threads.submit(_measured, proxy.site.port, case, binary.version) for case in CASES]
        return tuple(job.result() for job in jobs)


def direct() -> Row:
    """Measure without a proxy, for comparison."""
    with framed() as upstream:
        return _measured(upstream, Case(".."), "none")


def _measured(port: int, case: Case, version: str) -> Row:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    try:
        path = case.path.removeprefix("/..")
        began = time.monotonic()
        connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
        response = connection.getresponse()
        compressed = response.getheader("Content-Encoding") == "gzip"
        at = [(time.monotonic() - began) * 1000 for _ in _events(response, compressed)]
    finally:
        connection.close()
    if len(at) != EVENTS:
        raise OSError(f"{case.path} through nginx {version}: {len(at)} of {EVENTS} events came")
    return Row(case, version, round(at[0], 1), round(at[-1], 1), bursts(at, GAP_MS / 2), len(at), compressed)


def _events(response: http.client.HTTPResponse, compressed: bool) -> Iterator[bytes]:
    """Yield events as they arrive, decompressed if needed."""
    unpack = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16) if compressed else None
    text = b""
    while piece := response.read1(65_536):
        text += unpack.decompress(piece) if unpack else piece
        while text.startswith(EVENT):
            text = text.removeprefix(EVENT)
            yield EVENT
