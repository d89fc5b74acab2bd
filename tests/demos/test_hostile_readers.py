"""Readers that stop reading, and peers of whom nothing is heard: dropped in a stated time, with a reason."""

from __future__ import annotations

import asyncio
import errno
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from demos.faults.silence import Silence
from demos.harness.relay import Relay
from tests.demos.toys import WAIT_S, Served, ToyAgent, backend, never, served, until
from tests.demos.wire import PING, after_the_head, close_code, frame, frozen, handshake, still_serves, upgraded
from tests.patience import seconds

STREAM = "GET /api/threads/{thread}/stream/events?since=0 HTTP/1.1\nHost: 127.0.0.1:{{port}}\n\n"
LONG = 6_000
"""Tokens of a run: 2 MB of events."""
TIGHT = {"socket_bytes": 16_384, "write_seconds": 1, "close_seconds": 1}


def streaming(site: Served, thread: str, transport: str) -> socket.socket:
    """A client that asks for everything and reads nothing, and is sent more than anybody keeps for it."""
    query = "?channels=messages,lifecycle&since=0"
    request = STREAM.format(thread=thread) if transport == "sse" else handshake(thread, query)
    connection = frozen(site, request)
    until(lambda: site.backend.streams.readers(thread) == 1)
    site.start(thread, n_tokens=LONG)
    return connection


@pytest.mark.parametrize("transport", ["sse", "websocket"])
def test_a_reader_that_is_frozen_is_dropped_and_never_slows_the_run(transport: str) -> None:
    with served(backend(**TIGHT)) as site:
        thread, lines = site.thread(), site.backend.streams
        connection = streaming(site, thread, transport)
        run = site.backend.threads.get(thread).find(None)
        until(lambda: run.ended)
        assert lines.drops["slow"] == 0, "the run ended before anybody was given up"
        until(lambda: lines.drops["slow"] == 1)
        until(lambda: connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.ECONNRESET)
        assert lines.drops == {"slow": 1}
        still_serves(site)


def test_a_socket_that_wakes_up_in_time_is_told_why() -> None:
    with served(backend(**TIGHT | {"close_seconds": 10})) as site:
        thread = site.thread()
        connection = streaming(site, thread, "websocket")
        until(lambda: site.backend.streams.drops["slow"] == 1)
        after_the_head(connection)
        assert close_code(connection) == (
            4408,
            "Nothing was read here for 1 s, the limit. Reconnect, and resume with since.",
        )
        still_serves(site)


@pytest.mark.parametrize("transport", ["sse", "websocket"])
def test_a_clean_end_is_not_waited_for_either(transport: str) -> None:
    with served(backend(**TIGHT | {"write_seconds": 60})) as site:
        thread = site.thread()
        streaming(site, thread, transport)
        until(lambda: site.backend.threads.get(thread).find(None).ended)
        site.http.post(f"/threads/{thread}/drop", json={"how": "clean"})
        until(lambda: site.backend.streams.drops == {"clean": 1})
        still_serves(site)


@pytest.mark.parametrize("path", ["stream/events?channels=messages", "ws"])
def test_pongs_that_nobody_takes_are_not_kept_for_ever(path: str) -> None:
    """uvicorn answers pings without waiting for the reader: only the size of what waits tells."""
    limits = TIGHT | {"write_seconds": 60, "held_bytes": 100_000}
    with served(backend(**limits)) as site:
        thread = site.thread()
        request = handshake(thread).replace(f"/threads/{thread}/stream/events", "/ws")
        connection = frozen(site, handshake(thread) if path != "ws" else request)
        until(lambda: len(site.backend.streams) == 1)
        flood = frame(PING, b"x" * 125) * 1000
        for _ in range(200):
            if site.backend.streams.drops["slow"]:
                break
            try:
                connection.sendall(flood)
            except OSError:
                break
        until(lambda: site.backend.streams.drops["slow"] == 1)
        still_serves(site)


@contextmanager
def relayed(port: int, after_ms: float) -> Iterator[int]:
    """A path to a port that goes silent after so many milliseconds; yields where it begins."""
    ready, over, ports = threading.Event(), threading.Event(), list[int]()

    async def run() -> None:
        async with Relay("127.0.0.1", port, [Silence(after_ms)]) as relay:
            ports.append(relay.port)
            ready.set()
            await asyncio.to_thread(over.wait, 60)

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    try:
        assert ready.wait(WAIT_S)
        yield ports[0]
    finally:
        over.set()
        thread.join(WAIT_S)


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="only Linux can be told how long to wait")
@pytest.mark.parametrize("transport", ["sse", "websocket"])
def test_a_path_that_went_silent_is_given_up_by_the_system(transport: str) -> None:
    """The relay's system still acknowledges until its buffers are full; a path that loses packets needs root."""
    limits = TIGHT | {"silent_seconds": 1, "write_seconds": 600}
    with served(backend(**limits)) as site, relayed(site.port, 0) as port:
        thread = site.thread()
        far = Served(port, site.backend, site.http)
        query = "?channels=messages,lifecycle&since=0"
        far.raw(STREAM.format(thread=thread) if transport == "sse" else handshake(thread, query))
        until(lambda: site.backend.streams.readers(thread) == 1)
        for _ in range(4):  # what it takes to fill the relay's and the system's buffers
            site.start(thread, n_tokens=LONG)
            until(lambda: site.backend.threads.get(thread).find(None).ended)
        until(lambda: site.backend.streams.drops == {"gone": 1})
        far.hang_up()
        still_serves(site)


def test_a_socket_that_answers_no_ping_is_closed_and_not_counted_any_more() -> None:
    """uvicorn's doing, and switched on in both servers: after 20 s and 20 s, under Streamlit 30 s and 30 s."""
    with served(backend(), ws_ping_interval=0.1, ws_ping_timeout=0.1) as site:
        connection = upgraded(site, site.thread(), "?channels=messages")
        until(lambda: len(site.backend.streams) == 1)
        assert close_code(connection) == (1011, "keepalive ping timeout")
        until(lambda: site.backend.streams.drops == {"gone": 1})


def test_a_stream_that_has_nothing_to_say_is_not_slow() -> None:
    with served(backend(ToyAgent(never), **TIGHT)) as site:
        thread = site.thread()
        connection = site.socket(f"/threads/{thread}/stream/events?channels=messages")
        until(lambda: len(site.backend.streams) == 1)
        site.backend.streams.patrol(time.monotonic() + 3600)
        assert len(site.backend.streams) == 1
        connection.close()


@pytest.mark.parametrize("transport", ["sse", "websocket"])
def test_going_down_does_not_wait_for_a_frozen_reader(transport: str) -> None:
    with served(backend(**TIGHT | {"write_seconds": 60, "close_seconds": 60})) as site:
        thread = site.thread()
        streaming(site, thread, transport)
        until(lambda: site.backend.threads.get(thread).find(None).ended)
        began = time.monotonic()
    assert time.monotonic() - began < seconds(5)
