"""What is read of anybody: no more than allowed, and no longer."""

from __future__ import annotations

import gzip
import itertools
import socket
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest

from demos.probe.bounded_reads import PIECE, Limited, TooLarge, Unreadable, hung_up, unpacked
from demos.probe.budget import LARGEST, Budget
from demos.probe.reach import trust
from demos.probe.reading import Asked
from demos.probe.readings import Reader

FOREVER_S = 60.0
Pair = tuple[socket.socket, socket.socket]


def body(coding: str, *chunks: bytes) -> httpx.Response:
    return httpx.Response(200, headers={"Content-Encoding": coding}, content=iter(chunks))


def test_what_is_not_packed_comes_as_it_came() -> None:
    assert [*unpacked(httpx.Response(200, content=iter([b"a", b"b"])))] == [b"a", b"b"]
    assert b"".join(unpacked(body("identity", b"a", b"b"))) == b"ab"


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 5 * PIECE])
def test_what_is_packed_comes_whole(size: int) -> None:
    packed = gzip.compress(b"a" * size)
    half = len(packed) // 2
    assert b"".join(unpacked(body("GZIP", packed[:half], packed[half:]))) == b"a" * size


def test_each_event_that_was_flushed_comes_at_once() -> None:
    pack = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
    first, second = (pack.compress(text) + pack.flush(zlib.Z_SYNC_FLUSH) for text in (b"one", b"two"))
    came = unpacked(body("gzip", first, second))
    assert next(came) == b"one"
    assert b"".join(came) == b"two"


def test_a_body_that_unpacks_to_more_than_allowed_is_left_in_small_pieces() -> None:
    taken: list[int] = []
    with pytest.raises(TooLarge, match=f"more than {LARGEST} bytes"):
        taken.extend(map(len, unpacked(body("gzip", gzip.compress(b"\0" * 50 * LARGEST)))))
    assert max(taken) <= PIECE
    assert LARGEST < sum(taken) <= LARGEST + PIECE


def test_a_body_that_unpacks_to_nothing_is_left_too() -> None:
    def blocks() -> Iterator[bytes]:
        yield gzip.compress(b"")[:10]
        while True:
            yield b"\0\0\0\xff\xff" * 10_000

    with pytest.raises(TooLarge):
        [*unpacked(httpx.Response(200, headers={"Content-Encoding": "gzip"}, content=blocks()))]


@pytest.mark.parametrize("coding", ["gzip, gzip", "br", "deflate", "gzip,identity"])
def test_another_coding_than_was_asked_for_is_not_read(coding: str) -> None:
    with pytest.raises(Unreadable, match=f"Content-Encoding: {coding}"):
        [*unpacked(body(coding, b"a"))]


def test_what_is_damaged_is_not_read() -> None:
    with pytest.raises(Unreadable, match="gzip, Error"):
        [*unpacked(body("gzip", b"no gzip"))]


@pytest.fixture
def pair() -> Iterator[Pair]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_no_more_is_taken_from_a_socket_than_allowed(pair: Pair) -> None:
    ours, theirs = pair

    def send() -> None:
        with suppress(OSError):  # whoever took it has read enough
            theirs.sendall(b"a" * 5 * LARGEST)

    sends = threading.Thread(target=send)
    sends.start()
    limited, taken = Limited(ours, time.monotonic() + FOREVER_S), list[int]()
    with pytest.raises(TooLarge):  # and no room is made for what is only claimed
        taken.extend(len(limited.recv(10**12)) for _ in itertools.count())
    assert LARGEST < sum(taken) <= LARGEST + PIECE
    ours.close()
    sends.join()


def test_a_socket_that_drips_is_read_until_the_end_and_no_longer(pair: Pair) -> None:
    ours, theirs = pair
    limited = Limited(ours, time.monotonic() + 0.2)
    ours.settimeout(FOREVER_S)
    theirs.send(b"a")
    with pytest.raises(TimeoutError):
        [theirs.send(limited.recv(1)) for _ in itertools.count()]
    assert ours.gettimeout() == FOREVER_S
    assert limited.fileno() == ours.fileno()


def test_whoever_reads_at_the_end_is_woken(pair: Pair) -> None:
    ours, _ = pair
    with hung_up([ours], time.monotonic() + 0.1) as over:
        assert ours.recv(1) == b""
    assert over.is_set()


def test_nobody_hangs_up_before_the_end(pair: Pair) -> None:
    ours, theirs = pair
    with hung_up([ours], time.monotonic() + FOREVER_S) as over:
        theirs.send(b"a")
        assert ours.recv(1) == b"a"
    assert not over.is_set()
    theirs.send(b"b")
    assert ours.recv(1) == b"b"


def test_a_head_that_drips_is_not_waited_for() -> None:
    """Each byte comes soon enough after the one before."""
    over = threading.Event()

    def drip(connection: socket.socket) -> None:
        with connection:
            connection.recv(65_536)
            for byte in itertools.cycle(b"X-Slow: 1\r\n"):
                if over.wait(0.05):
                    return
                try:
                    connection.sendall(bytes([byte]))
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        dripping = threading.Thread(target=lambda: drip(listener.accept()[0]))
        dripping.start()
        hasty = type("Hasty", (Reader,), {"bears_s": lambda self, asked: 0.5})
        base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        found = hasty(base, Budget(), trust(), 0.5).read("sse", Asked(n=3, gap_ms=10))
        over.set()
        dripping.join()
    assert (found.timed_out, found.refused, found.status) == (True, "timed out", None)
    assert found.ended - found.started < 5000
