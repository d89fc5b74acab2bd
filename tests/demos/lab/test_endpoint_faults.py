"""Faults at the endpoint, seen by clients on a real port."""

from __future__ import annotations

import json
import socket
from contextlib import suppress
from typing import Any

import httpx
import pytest
import websocket

from demos.faults.reset import Reset
from demos.lab.endpoint_faults import Plan
from demos.protocol.events import TOKEN_MARK
from tests.demos.toys import Served, ToyAgent, backend, never, served, until
from tests.demos.wire import received
from tests.known import known


def planned(site: Served, thread: str, *faults: dict[str, Any], every: bool = False) -> httpx.Response:
    return site.http.post(f"/threads/{thread}/faults", json={"faults": list(faults), "every": every})


def stream(site: Served, thread: str) -> socket.socket:
    return site.raw(f"GET /api/threads/{thread}/stream/events?since=0 HTTP/1.1\nHost: 127.0.0.1\n\n")


def test_each_transport_meets_the_faults_in_turn_or_all_the_first() -> None:
    first, second = Reset(1), Reset(2)
    plan = Plan((first, second), every=False)
    met = [plan.next(transport) for transport in ("sse", "sse", "websocket", "sse", "websocket")]
    assert met == [first, second, first, None, second]
    plan = Plan((first, second), every=True)
    assert [plan.next("sse") for _ in range(3)] == [first] * 3


def test_a_stream_is_reset_and_the_next_one_is_left_alone(site: Served) -> None:
    thread = site.thread()
    assert planned(site, thread, {"fault": "reset", "after_ms": 20}).json() == {"faults": 1}
    with pytest.raises(ConnectionResetError):
        received(stream(site, thread))
    site.start(thread)
    again = stream(site, thread)
    while b'"completed"' not in again.recv(65_536):
        pass


def test_an_idle_limit_cuts_every_stream_that_is_silent_and_says_nothing(site: Served) -> None:
    """As a proxy does: no last chunk, no close frame."""
    thread = site.thread()
    planned(site, thread, {"fault": "idle", "idle_ms": 50}, every=True)
    for _ in range(2):
        with pytest.raises(ConnectionResetError):
            received(stream(site, thread))
        socket = site.socket(f"/threads/{thread}/stream?channels=messages")
        with pytest.raises(ConnectionResetError):
            socket.recv_data()


def test_a_silent_path_answers_nothing_and_stays_open(site: Served) -> None:
    thread = site.thread()
    planned(site, thread, {"fault": "silence", "after_ms": 0})
    socket, events = site.socket(f"/threads/{thread}/stream?channels=lifecycle&since=0"), stream(site, thread)
    until(lambda: site.backend.streams.muted(thread) == 2)
    site.start(thread)
    socket.send(json.dumps({"id": 1, "method": "state.get"}))
    for connection in (known(socket.sock), events):
        connection.settimeout(0.1)
    with pytest.raises(websocket.WebSocketTimeoutException):
        socket.recv()
    assert b"lifecycle" not in events.recv(65_536)  # its head, and how long to wait
    with pytest.raises(TimeoutError):
        events.recv(65_536)
    assert site.backend.streams.readers(thread) == 2
    events.close()
    socket.shutdown()  # type: ignore[no-untyped-call]  # of websocket-client
    until(lambda: site.backend.streams.readers(thread) == 0)


def test_no_faults_is_nothing_again(site: Served) -> None:
    thread = site.thread()
    planned(site, thread, {"fault": "reset", "after_ms": 0}, every=True)
    planned(site, thread)
    site.start(thread)
    again = stream(site, thread)
    while b'"completed"' not in again.recv(65_536):
        pass


@pytest.mark.parametrize("given", [{}, {"faults": "reset"}, {"faults": [{}] * 21}, {"faults": [{"fault": "reset"}]}])
def test_plans_that_are_refused(site: Served, given: dict[str, Any]) -> None:
    answer = site.http.post(f"/threads/{site.thread()}/faults", json=given)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_argument")
    assert site.http.post("/threads/nosuch/faults", json=given).status_code == 404


@pytest.mark.parametrize("tokens", [1, 5])
def test_a_fault_that_waits_for_tokens_strikes_both_transports_after_as_many(tokens: int) -> None:
    async def no_more(n: int) -> None:
        if n == tokens:
            await never(n)

    with served(backend(ToyAgent(no_more))) as site:
        thread = site.thread()
        planned(site, thread, {"fault": "reset", "after_ms": 0, "after_tokens": tokens})
        socket, events = site.socket(f"/threads/{thread}/stream?channels=messages&since=0"), stream(site, thread)
        site.start(thread, n_tokens=60)
        came, frames = b"", 0
        with suppress(ConnectionResetError):
            while part := events.recv(65_536):
                came += part
        with suppress(ConnectionResetError, websocket.WebSocketConnectionClosedException):
            while True:
                frames += TOKEN_MARK in socket.recv_data()[1]
        assert (came.count(TOKEN_MARK), frames) == (tokens, tokens)
