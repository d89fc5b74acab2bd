"""Reads data from untrusted servers within limits: bytes before and after decompression, and total time."""

from __future__ import annotations

import socket
import threading
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import httpx

from demos.probe.budget import LARGEST

PIECE = 65_536
"""Bytes read at once: a compressed kilobyte may contain a megabyte."""


class TooLarge(ValueError):
    """The server sent more than LARGEST bytes."""

    def __init__(self) -> None:
        super().__init__(f"more than {LARGEST} bytes")


class Unreadable(ValueError):
    """A body with a content coding that was not requested, or a damaged body."""


def unpacked(response: httpx.Response) -> Iterator[bytes]:
    """Yield the body in pieces as they arrive, decompressed if it is in gzip.

    Does not use httpx for this, which decodes any number of codings, without a limit on the size.

    Raises:
        TooLarge: more than LARGEST bytes, before or after decompression.
        Unreadable: another coding, several, or damaged.
    """
    coding = response.headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("", "identity", "gzip", "x-gzip"):
        raise Unreadable(f"Content-Encoding: {coding[:40]}")
    unzip = zlib.decompressobj(16 + zlib.MAX_WBITS) if "gzip" in coding else None
    packed = size = 0
    for chunk in response.iter_raw():
        packed += len(chunk)
        for piece in _pieces(unzip, chunk) if unzip else (chunk,):
            size += len(piece)
            yield piece
            if max(packed, size) > LARGEST:
                raise TooLarge


def _pieces(unzip: zlib._Decompress, chunk: bytes) -> Iterator[bytes]:
    while True:
        try:
            piece = unzip.decompress(chunk, PIECE)
        except zlib.error as error:
            raise Unreadable(f"Content-Encoding: gzip, {error}") from None
        yield piece
        chunk = unzip.unconsumed_tail
        if not chunk and len(piece) < PIECE:
            return


class Limited:
    """Socket wrapper that reads at most LARGEST bytes, and none after `ends`, a time of time.monotonic."""

    def __init__(self, plain: socket.socket, ends: float) -> None:
        self._plain, self.ends, self._size = plain, ends, 0

    def recv(self, size: int) -> bytes:
        """Receive data, as `socket.recv`.

        Raises:
            TooLarge: more than LARGEST bytes came.
            TimeoutError: no data arrived in time, or `ends` has passed.
        """
        left_s, given_s = self.ends - time.monotonic(), self._plain.gettimeout()
        if self._size > LARGEST:
            raise TooLarge
        if left_s <= 0:
            raise TimeoutError("timed out")
        self._plain.settimeout(left_s if given_s is None else min(left_s, given_s))
        try:
            data = self._plain.recv(min(size, PIECE))
        finally:
            self._plain.settimeout(given_s)
        self._size += len(data)
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._plain, name)


@contextmanager
def hung_up(sockets: Sequence[socket.socket], ends: float) -> Iterator[threading.Event]:
    """Shut down the sockets at `ends`, a time of time.monotonic; the event is set if that happens.

    `sockets`: read at that time, so the caller may add to it; a socket that TLS has taken over does no harm.

    For a reader whose own time limit restarts with each byte.
    """
    over = threading.Event()

    def end() -> None:
        over.set()
        for one in [*sockets]:
            with suppress(OSError):
                socket.socket.shutdown(one, socket.SHUT_RDWR)  # below TLS, whose state another thread is using

    timer = threading.Timer(max(0.0, ends - time.monotonic()), end)
    timer.daemon = True
    timer.start()
    try:
        yield over
    finally:
        timer.cancel()
