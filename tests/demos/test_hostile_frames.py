"""WebSocket frames that nobody who means well would send: what each gets, and that the server still serves."""

from __future__ import annotations

import json

import pytest

from tests.demos.toys import Served, ToyAgent, backend, never, served, until
from tests.demos.wire import (
    BINARY,
    CLOSE,
    CONT,
    PING,
    PONG,
    TEXT,
    close_code,
    frame,
    handshake,
    next_frame,
    send,
    still_serves,
    upgraded,
)  # fmt: skip

SUBSCRIBE = json.dumps({"id": 1, "method": "subscription.subscribe", "params": {"channels": ["messages"]}}).encode()


@pytest.mark.parametrize(
    ("sent", "code", "said"),
    [
        (frame(TEXT, b"{}", masked=False), 1002, "incorrect masking"),
        (frame(TEXT, b"{}", rsv=4), 1002, "reserved bits must be 0"),
        (frame(TEXT, b"{}", rsv=1), 1002, "reserved bits must be 0"),
        (frame(3, b"{}"), 1002, "invalid opcode"),
        (frame(11, b"{}"), 1002, "invalid opcode"),
        (frame(TEXT, b"\xff\xfe"), 1007, ""),
        (frame(PING, b"x" * 126), 1002, "control frame too long"),
        (frame(PING, b"x", last=False), 1002, "fragmented control frame"),
        (frame(CONT, b"x"), 1002, "unexpected continuation frame"),
        (frame(TEXT, b"x", last=False) + frame(TEXT, b"y"), 1002, "expected a continuation frame"),
        (frame(CLOSE, b"\x03\xed"), 1002, "invalid status code"),
        (frame(CLOSE, b"x"), 1002, "close frame too short"),
        (frame(BINARY, b"{}"), 4415, "This socket speaks JSON in text frames; a binary frame came."),
        (frame(TEXT, b" " * 65_537), 4413, "A frame of 65537 characters. Allowed: 65536."),
        # A head is enough: nothing of the ten megabytes is waited for.
        (frame(TEXT, says=10_000_000), 1009, "frame with 10000000 bytes exceeds limit of 262144 bytes"),
        (frame(TEXT, says=2**62), 1009, f"frame with {2**62} bytes exceeds limit of 262144 bytes"),
    ],
)
def test_frames_that_close_the_socket(besieged: Served, sent: bytes, code: int, said: str) -> None:
    connection = upgraded(besieged, besieged.thread())
    connection.sendall(sent)
    assert close_code(connection) == (code, said)


def test_ten_megabytes_as_many_fragments_are_not_gathered(besieged: Served) -> None:
    connection = upgraded(besieged, besieged.thread())
    connection.sendall(frame(TEXT, b" " * 1000, last=False))
    connection.sendall(frame(CONT, b" " * 1000, last=False) * 261)
    connection.sendall(frame(CONT, says=1000, last=False))  # the one too many: its head is enough
    assert close_code(connection)[0] == 1009


@pytest.mark.parametrize("whole", [True, False])
def test_ten_megabytes_sent_without_a_pause(besieged: Served, whole: bool) -> None:
    """The server may close before all of it was sent; then the system may reset, and the close code is lost."""
    connection = upgraded(besieged, besieged.thread())
    piece = frame(CONT, b"x" * 10_000, last=False)
    send(connection, frame(TEXT, b"x" * 10_000_000) if whole else frame(TEXT, last=False) + piece * 1000)
    try:
        assert close_code(connection)[0] == 1009
    except (ConnectionError, IndexError):
        pass


def test_a_command_in_fragments_with_a_ping_between_is_one_command(besieged: Served) -> None:
    connection = upgraded(besieged, besieged.thread())
    text = b'{"id": 7, "method": "state.get"}'
    for part in text[:3], b"", text[3:9]:
        connection.sendall(frame(TEXT if part == text[:3] else CONT, part, last=False))
    connection.sendall(frame(PING, b"hi") + frame(CONT, text[9:]))
    assert next_frame(connection) == (PONG, b"hi")
    assert json.loads(next_frame(connection)[1])["id"] == 7


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"{", "not JSON"),
        (b"[" * 30_000, "not JSON"),
        (b"null", "JSON NoneType"),
        (b'{"id": NaN}', "NaN is not a number of JSON"),
        (b'{"id": ' + b"9" * 5000 + b"}", "not JSON"),
        (b'{"id": "\\ud800"}', "The id of a command"),
        (b'{"id": 1, "method": ["a"]}', "is no command"),
        (b'{"id": 1, "method": "subscription.unsubscribe", "params": {"subscription_id": {}}}', "has no subscription"),
        (b'{"id": 1, "method": "subscription.reconnect", "params": {"last_event_id": []}}', "There is no run"),
    ],
)
def test_a_mistake_gets_a_reply_and_the_next_command_too(besieged: Served, text: bytes, said: str) -> None:
    connection = upgraded(besieged, besieged.thread())
    connection.sendall(frame(TEXT, text) + frame(TEXT, SUBSCRIBE))
    mistake, after = (json.loads(next_frame(connection)[1]) for _ in range(2))
    assert (mistake["type"], said in mistake["message"]) == ("error", True), mistake
    assert after["type"] == "success"


@pytest.mark.parametrize("since", [-1, 1.5, True, "x", [], {}, 10**20, "-0"])
def test_positions_that_are_none_close_the_socket(besieged: Served, since: object) -> None:
    connection = upgraded(besieged, besieged.thread())
    params = {"channels": ["messages"], "since": since}
    connection.sendall(
        frame(TEXT, json.dumps({"id": 1, "method": "subscription.subscribe", "params": params}).encode())
    )
    assert close_code(connection)[0] == 4400


def test_a_flood_of_subscriptions(besieged: Served) -> None:
    connection = upgraded(besieged, besieged.thread())
    send(connection, frame(TEXT, SUBSCRIBE) * 500)
    replies = 0
    while (got := next_frame(connection))[0] == TEXT:
        replies += b'"success"' in got[1]
    assert (replies, int.from_bytes(got[1][:2], "big")) == (8, 4429)


def test_a_flood_of_pings_from_a_client_that_reads(besieged: Served) -> None:
    connection = upgraded(besieged, besieged.thread())
    for _ in range(20):
        connection.sendall(frame(PING, b"x" * 125) * 50)
        for _ in range(50):
            assert next_frame(connection) == (PONG, b"x" * 125)


@pytest.mark.parametrize("more", ["X: y\n" * 200, f"X: {'y' * 10_000}\n"])
def test_a_handshake_with_too_many_headers_opens_nothing(besieged: Served, more: str) -> None:
    """uvicorn 0.54 does not answer it, though websockets has a 431 ready; it is ended as a head that never came."""
    connection = besieged.raw(handshake(besieged.thread(), "", more))
    assert connection.recv(4096) == b""


def test_a_socket_of_the_classics_counts_its_answer_as_a_run() -> None:
    with served(backend(ToyAgent(never), runs=1)) as site:
        first, second = site.socket("/ws"), site.socket("/ws")
        first.send("hi")
        until(lambda: site.backend.threads.answers == 1)
        second.send("hi")
        code, reason = second.recv_data()
        assert (code, int.from_bytes(reason[:2], "big")) == (8, 4503)
        first.send("stop")
        assert json.loads(first.recv()) == {"done": True, "stopped": True}
        assert site.backend.threads.answers == 0


def test_streams_beyond_the_limits_are_refused_and_there_is_room_again() -> None:
    for limits, status in ({"client_streams": 2}, 429), ({"streams": 2}, 503):
        with served(backend(**limits)) as site:
            path = f"/threads/{site.thread()}/stream/events"
            kept = [site.socket(f"{path}?channels=messages") for _ in range(2)]
            until(lambda: len(site.backend.streams) == 2)
            for _ in range(3):
                assert site.http.get(path).status_code == status
                assert close_code(upgraded(site, path.split("/")[2]))[0] == 4000 + status
            assert site.backend.streams.drops == {"refused": 6}
            kept[0].close()
            until(lambda: len(site.backend.streams) == 1)
            with site.http.stream("GET", path) as answer:
                assert answer.status_code == 200
            still_serves(site)


def test_an_evicted_position_is_said_aloud_on_both() -> None:
    with served(backend(thread_events=10)) as site:
        thread = site.thread()
        site.start(thread, n_tokens=50)
        until(lambda: site.backend.threads.get(thread).find(None).ended)
        epoch = site.backend.threads.get(thread).log.epoch
        path = f"/threads/{thread}/stream/events?channels=messages,lifecycle&since={epoch}-1"
        assert "older events were evicted" in site.socket(path).recv()
        with site.http.stream("GET", path) as answer:
            told = ""
            for piece in answer.iter_text():
                told += piece
                if "completed" in told:
                    break
        assert told.startswith("retry: 1000\n\nevent: failure\n")
        still_serves(site)
