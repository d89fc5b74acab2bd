"""How streams end on the wire, seen by a raw socket."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any

import pytest
from starlette.websockets import WebSocket

from demos.connections.responses import RESTARTING, close
from demos.connections.tcp import abort, prepare
from demos.limits import Limits
from tests.demos.toys import Served, ToyAgent, backend, events, never, served, until
from tests.demos.wire import received

STREAM = (
    "GET /api/threads/{thread}/stream/events?channels=messages,lifecycle&since=0 HTTP/1.1\nHost: 127.0.0.1:{{port}}\n\n"
)
POSTED = (
    "POST /api/threads/{thread}/stream/events HTTP/1.1\nHost: 127.0.0.1:{{port}}\nContent-Type: application/json\n"
    "Content-Length: 25\n\n" + '{{{{"channels":["messages"]}}}}'
)


def watched(site: Served) -> tuple[str, socket.socket]:
    """A run that never ends, and an event stream that has been received of its beginning."""
    thread = site.thread()
    site.start(thread)
    connection = site.raw(STREAM.format(thread=thread))
    assert b"message-start" in received(connection, b"message-start")
    return thread, connection


def test_a_response_says_retry_first_and_is_not_buffered(site: Served) -> None:
    thread = site.thread()
    with site.http.stream("GET", f"/threads/{thread}/stream/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["x-accel-buffering"] == "no"
        assert next(answer.iter_raw()) == b"retry: 1000\n\n"


def test_reset_breaks_off_without_a_last_chunk_and_logs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with served(backend(ToyAgent(never))) as site:
        thread, connection = watched(site)
        assert site.http.post(f"/threads/{thread}/drop", json={"how": "reset"}).json()["dropped"]["sse"] == 1
        with pytest.raises(ConnectionResetError):
            received(connection)
        until(lambda: len(site.backend.streams) == 0)
    assert caplog.text == ""


def test_clean_ends_the_response(caplog: pytest.LogCaptureFixture) -> None:
    with served(backend(ToyAgent(never))) as site:
        thread, connection = watched(site)
        site.http.post(f"/threads/{thread}/drop", json={"how": "clean"})
        assert received(connection, b"0\r\n\r\n").endswith(b"0\r\n\r\n")
    assert caplog.text == ""


def test_going_down_aborts_both_and_logs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with served(backend(ToyAgent(never))) as site:
        thread, connection = watched(site)
        other = site.socket(f"/threads/{thread}/stream/events?channels=messages&since=0")
        other.recv()
        site.go_down()
        with pytest.raises(ConnectionResetError):
            received(connection)
        kinds: list[tuple[int, bytes]] = []
        while not kinds or kinds[-1][0] == 1:  # text frames that were under way
            kinds.append(other.recv_data())
        assert (kinds[-1][0], kinds[-1][1][:2]) == (8, (1012).to_bytes(2, "big"))
    assert caplog.text == ""


@pytest.mark.parametrize(("how", "end"), [("clean", (8, 1012)), ("reset", None)])
def test_a_dropped_socket(how: str, end: tuple[int, int] | None) -> None:
    with served(backend(ToyAgent(never))) as site:
        thread = site.thread()
        connection = site.socket(f"/threads/{thread}/stream/events?channels=messages")
        until(lambda: site.backend.streams.readers(thread) == 1)
        assert site.http.post(f"/threads/{thread}/drop", json={"how": how}).json()["dropped"]["websocket"] == 1
        if end is None:
            with pytest.raises(ConnectionResetError):
                connection.recv_data()
        else:
            code, data = connection.recv_data()
            assert (code, int.from_bytes(data[:2], "big")) == end


def test_heartbeats_can_be_seen_by_pages() -> None:
    with served(backend(heartbeat_s=0.05)) as site:
        thread = site.thread()
        connection = site.raw(STREAM.format(thread=thread))
        assert b"event: ping\ndata: {}\n\n" in received(connection, b"ping\ndata: {}\n\n")
        other = site.socket(f"/threads/{thread}/stream/events?channels=messages")
        assert other.recv() == '{"type": "ping"}'


def test_clients_that_post_get_comments_as_heartbeats() -> None:
    """LangGraph's SDK hands everything that has data to its user."""
    with served(backend(heartbeat_s=0.05)) as site:
        connection = site.raw(POSTED.format(thread=site.thread()))
        assert b"event: ping" not in received(connection, b": ping\n\n")


def test_a_reader_chooses_its_own_heartbeat_on_every_path(site: Served) -> None:
    """The server's own would come after 15 seconds."""
    path = f"/threads/{site.thread()}/stream/events"
    asked = {"channels": ["messages"], "heartbeat_ms": 50}
    by_get = site.http.stream("GET", f"{path}?heartbeat_ms=50")
    with_comments = site.http.stream("GET", f"{path}?heartbeat_ms=50&comments=1")
    by_post = site.http.stream("POST", path, json=asked)
    beats = []
    for stream in (by_get, with_comments, by_post):
        with stream as answer:
            chunks = answer.iter_raw()
            assert next(chunks).startswith(b"retry")
            beats.append(next(chunks))
    assert beats == [b"event: ping\ndata: {}\n\n", b": ping\n\n", b": ping\n\n"]
    in_url = site.socket(f"{path}?channels=messages&heartbeat_ms=50")
    in_band = site.socket(path)
    in_band.send(json.dumps({"id": 1, "method": "subscription.subscribe", "params": asked}))
    assert json.loads(in_band.recv())["type"] == "success"
    assert [connection.recv() for connection in (in_url, in_band)] == ['{"type": "ping"}'] * 2


def test_a_heartbeat_out_of_bounds_is_refused_on_every_path(site: Served) -> None:
    path = f"/threads/{site.thread()}/stream/events"
    by_get = site.http.get(f"{path}?heartbeat_ms=49")
    by_post = site.http.post(path, json={"channels": ["messages"], "heartbeat_ms": 700_000})
    assert [answer.status_code for answer in (by_get, by_post)] == [400, 400]
    assert "Allowed: 0 for none" in by_get.json()["message"]
    kind, data = site.socket(f"{path}?channels=messages&heartbeat_ms=x").recv_data()
    assert (kind, int.from_bytes(data[:2], "big")) == (8, 4400)
    assert b"heartbeat_ms is 'x'" in data


def test_a_reader_that_leaves_is_noticed_and_its_run_goes_on() -> None:
    with served() as site:
        thread, connection = site.thread(), None
        connection = site.raw(STREAM.format(thread=thread))
        received(connection, b"retry")
        until(lambda: site.backend.streams.readers(thread) == 1)
        connection.close()
        until(lambda: site.backend.streams.readers(thread) == 0)
        site.start(thread)
        other = site.socket(f"/threads/{thread}/stream/events?channels=messages,lifecycle&since=0")
        assert list(events(other))[-1]["params"]["data"]["event"] == "completed"


class Gone:
    """A connection whose client was faster: its socket is closed, and whoever writes is received so."""

    def __init__(self) -> None:
        self.transport, self.aborted = self, 0
        self._socket = socket.socket()
        self._socket.close()

    def get_extra_info(self, name: str) -> socket.socket:
        return self._socket

    def abort(self) -> None:
        self.aborted += 1

    async def receive(self) -> dict[str, Any]:
        return {"type": "websocket.disconnect" if self.aborted else "websocket.connect"}

    async def send(self, message: Any) -> None:
        if message["type"] == "websocket.close":
            raise ConnectionError("the client is gone")


def test_a_client_that_was_faster_than_its_cut_is_no_error() -> None:
    async def scene() -> int:
        gone = Gone()
        prepare({"type": "http"}, gone.receive, Limits())
        websocket = WebSocket({"type": "websocket"}, gone.receive, gone.send)
        await websocket.accept()
        await close(websocket, gone.receive, RESTARTING, "again", Limits())
        await abort(gone.receive)
        return gone.aborted

    assert asyncio.run(scene()) == 1
