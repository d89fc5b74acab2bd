from __future__ import annotations

import socket

import pytest

from demos.connections.slow_requests import SlowRequests, waits
from tests.demos.toys import ToyAgent, backend, never, served, until
from tests.demos.wire import answer, exactly, handshake, still_serves, upgraded

HEALTH = "GET /api/health HTTP/1.1\nHost: 127.0.0.1:{port}\n\n"


def ended(connection: socket.socket) -> bool:
    """Whether the server has ended the connection without a word."""
    try:
        return exactly(connection, 1) == b""
    except ConnectionResetError:
        return True


@pytest.mark.parametrize(
    "begun",
    ["", "GET", HEALTH[:30], HEALTH[:-1], handshake("x", "", "X: y\n" * 200), handshake("x", "", f"X: {'y' * 9000}\n")],
)
def test_a_request_that_does_not_come_is_not_waited_for(begun: str) -> None:
    with served(backend(head_seconds=1)) as site:
        site.http.get("/health")
        assert ended(site.raw(begun))
        still_serves(site)


def test_nor_is_a_second_one_on_the_same_connection() -> None:
    with served(backend(head_seconds=1)) as site:
        connection = site.raw(HEALTH + HEALTH[:20])
        assert answer(connection)[0] == 200
        assert ended(connection)
        still_serves(site)


def test_what_is_under_way_is_left_alone() -> None:
    """Streams, sockets, an answer that takes its time; and spare connections until their own time is over."""
    with served(backend(ToyAgent(never), head_seconds=1)) as site:
        thread = site.thread()
        site.start(thread)
        stream = site.raw(HEALTH.replace("health", f"threads/{thread}/stream/events?since=0"))
        upgraded(site, thread)
        until(lambda: len(site.backend.streams) == 2)
        # The client that made the thread keeps its connection, for which uvicorn has a time of its own.
        assert site.backend.slow_requests.patrol(10**9) == 0
        assert stream.recv(10)


def test_another_server_has_nothing_to_be_found() -> None:
    heads = SlowRequests(0)
    assert heads.patrol(10**9) == 0
    assert not waits(object())
