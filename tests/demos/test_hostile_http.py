"""Requests that nobody who means well would send: what each gets, and that the server still serves (`besieged`)."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from tests.demos.toys import Served, ToyAgent, backend, never, served, until
from tests.demos.wire import answer, still_serves

HOST = "Host: 127.0.0.1:{port}\n"
DEEP = "[" * 30_000 + "]" * 30_000


def post(path: str, body: str, headers: str | None = None) -> str:
    """A request as text; `headers` instead of a true Content-Length."""
    about = f"Content-Length: {len(body.encode())}\n" if headers is None else headers
    return f"POST /api{path} HTTP/1.1\n{HOST}{about}\n{body.replace('{', '{{').replace('}', '}}')}"


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ("{", 400, "not JSON"),
        ("", 400, "not JSON"),
        ("[1]", 400, "JSON list"),
        ("null", 400, "JSON NoneType"),
        (DEEP, 400, "not JSON"),
        ('{"id": NaN}', 400, "NaN is not a number of JSON"),
        ('{"id": 1, "method": "state.get", "params": {"namespace": [Infinity]}}', 400, "Infinity is not a number"),
        (f'{{"id": {"9" * 5000}}}', 400, "not JSON"),
        ('{"id": 1, "method": "nosuch", "method": "state.get"}', 200, '"type":"success"'),
        ('{"id": "\\ud800"}', 400, "The id of a command"),
        ('{"id": 1, "method": "\\ud800"}', 200, "unknown_command"),
        ('{"id": {}}', 400, "The id of a command"),
        ('{"id": 1, "method": "run.start", "params": []}', 200, "params.input"),
        ('{"id": 1, "method": "run.cancel", "params": {"run_id": {}}}', 200, "no_such_run"),
    ],
)
def test_commands_that_mean_nothing(besieged: Served, body: str, status: int, said: str) -> None:
    got, text = answer(besieged.raw(post(f"/threads/{besieged.thread()}/commands", body)))
    assert (got, said in text) == (status, True), text


@pytest.mark.parametrize(
    ("headers", "chunk"),
    [("Content-Length: 10000000\n", 10_000_000), ("Transfer-Encoding: chunked\n", 10_000_000)],
)
def test_ten_megabytes_are_refused_before_they_have_come(besieged: Served, headers: str, chunk: int) -> None:
    """Refused after the first 64 KiB; the rest is never sent."""
    start = f"{chunk:x}\n" if "chunked" in headers else ""
    connection = besieged.raw(post("/threads/x/commands", start, headers))
    connection.sendall(b" " * 70_000)
    status, text = answer(connection)
    assert (status, json.loads(text)["error"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ("Content-Length: 10\n", "{", 408),
        ("Transfer-Encoding: chunked\n", "5\n{", 408),
        ("Content-Length: -2\n", "{}", 400),
        ("Content-Length: 2\nContent-Length: 3\n", "{}", 400),
        ("Content-Length: two\n", "{}", 400),
        ("Transfer-Encoding: chunked\n", "zz\n{}\n0\n\n", 400),
    ],
)
def test_lengths_that_lie(besieged: Served, headers: str, body: str, status: int) -> None:
    connection = besieged.raw(post("/threads", body, headers))
    got, text = answer(connection)
    assert got == status
    assert connection.recv(10) == b"", "what follows would be taken for a request"
    if status == 408:
        assert json.loads(text)["message"] == "The body did not arrive within 1 s, the limit here."


@pytest.mark.parametrize("path", ["/threads", "/threads/{t}/stream/events", "/threads/{t}/commands", "/evidence"])
def test_a_body_that_never_comes_is_not_waited_for(besieged: Served, path: str) -> None:
    connection = besieged.raw(post(path.format(t=besieged.thread()), "", "Content-Length: 9\n"))
    assert answer(connection)[0] == 408


def test_a_length_that_is_too_short_ends_the_body_there_and_the_rest_is_a_request(besieged: Served) -> None:
    body = "{}GET /api/health HTTP/1.1\nHost: localhost\n\n"
    connection = besieged.raw(post("/threads", body, "Content-Length: 2\n"))
    assert answer(connection)[0] == 200
    status, text = answer(connection)
    assert (status, json.loads(text)["status"]) == (200, "ok")


def test_pipelined_requests_are_answered_in_order(besieged: Served) -> None:
    connection = besieged.raw("".join(f"GET /api/{path} HTTP/1.1\n{HOST}\n" for path in ("health", "nosuch", "health")))
    data = b""
    while data.count(b'{"status":"ok"') < 2 and (more := connection.recv(65_536)):
        data += more
    assert [int(part[:3]) for part in data.split(b"HTTP/1.1 ")[1:]] == [200, 404, 200]


@pytest.mark.parametrize("size", [65_536, 400_000])
def test_header_bombs(besieged: Served, size: int) -> None:
    """h11 gives up at 64 KiB, unless all of it came at once; asyncio reads 256 KiB at once. Our own limit is lower."""
    connection = besieged.raw(f"GET /api/health HTTP/1.1\n{HOST}X: {'y' * size}\n\n")
    assert connection.recv(12) in ((b"HTTP/1.1 431", b"HTTP/1.1 400") if size < 262_144 else (b"HTTP/1.1 400",))


def test_headers_that_never_end_cost_others_nothing(besieged: Served) -> None:
    slow = [besieged.raw(f"GET /api/health HTTP/1.1\n{HOST}X: y") for _ in range(50)]
    assert besieged.http.get("/health").status_code == 200
    assert [connection.recv(100) for connection in slow] == [b""] * 50


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/%zz", 404), ("/%00", 404), ("/threads/%00/state", 404), ("/../../etc/passwd", 404),
        ("/..%2f..%2fetc%2fpasswd", 404), ("/%ff%fe", 404), ("/threads/%ed%a0%80/state", 404), ("/\x01", 400),
        ("/ä", 400), ("/threads/" + "x" * 5000 + "/state", 404), ("/evidence/..%2f..", 404),
    ],
)  # fmt: skip
def test_paths(besieged: Served, path: str, status: int) -> None:
    got, text = answer(besieged.raw(f"GET /api{path} HTTP/1.1\n{HOST}\n"))
    assert got == status
    assert "root:" not in text
    assert len(text) < 500


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/threads", "POST"), ("PUT", "/threads/x", "GET, HEAD"), ("DELETE", "/health", "GET, HEAD"),
        ("OPTIONS", "/threads/x/stream/events", "GET, HEAD, POST"), ("GET", "/threads/x/stream", "POST"),
        ("TRACE", "/measure", "POST"), ("POST", "/stream", "GET, HEAD"), ("NONSENSE", "/evidence", "POST"),
    ],
)  # fmt: skip
def test_a_wrong_method_is_told_the_right_ones(besieged: Served, method: str, path: str, allowed: str) -> None:
    told = besieged.http.request(method, path)
    assert (told.status_code, told.headers["allow"], told.json()["error"]) == (405, allowed, "wrong_method")


def test_head_on_a_stream_is_answered_and_holds_nothing(besieged: Served) -> None:
    for path in (f"/threads/{besieged.thread()}/stream/events", "/stream?query=hi"):
        assert besieged.http.head(path).headers["content-type"].startswith("text/event-stream")
    assert len(besieged.backend.streams) == 0


@pytest.mark.parametrize("since", ["-1", "1.5", "x", "9" * 20, "%00", "0x1", "1e3", "٣", "[]", "NaN", "1;2"])
def test_positions_that_are_none(besieged: Served, since: str) -> None:
    path = f"/threads/{besieged.thread()}/stream/events"
    assert besieged.http.get(path, params={"since": since}).status_code == 400
    told = besieged.http.get(path, headers={b"Last-Event-ID": since.encode()})
    assert (told.status_code, told.json()["error"]) == (400, "invalid_argument")


@pytest.mark.parametrize("junk", ["\xff\xfe", "a\0b"])
def test_a_last_event_id_that_is_no_header(besieged: Served, junk: str) -> None:
    path = f"/api/threads/{besieged.thread()}/stream/events"
    assert answer(besieged.raw(f"GET {path} HTTP/1.1\n{HOST}Last-Event-ID: {junk}\n\n"))[0] == 400


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"channels": ["messages"], "namespaces": [["a"]] * 5000}, "namespaces has 5000"),
        ({"channels": ["messages"], "namespaces": {"a": 1}}, "namespaces must be"),
        ({"channels": ["messages"] * 5000}, "channels has 5000"),
        ({"channels": [f"custom:{n}" for n in range(3000)]}, "channels has 3000"),
        ({"channels": [{}]}, "is no channel"),
        ({"channels": ["custom:" + "x" * 60_000]}, "is no channel"),
        ({"channels": ["messages"], "namespaces": [["x" * 60_000]]}, "60000 characters"),
        ({"channels": ["messages"], "namespaces": [[""] * 5_000]}, "namespaces must be"),
        ({"channels": ["messages"], "depth": True}, "depth is True"),
    ],
)
def test_subscriptions_like_bombs(besieged: Served, body: dict[str, Any], said: str) -> None:
    told = besieged.http.post(f"/threads/{besieged.thread()}/stream/events", json=body)
    assert (told.status_code, said in told.json()["message"]) == (400, True), told.text


def receipts(**changes: object) -> dict[str, Any]:
    one = {"transport": "sse", "client": "x", "at": [1, 2], "seq": [3, 4], "token": [True, True], "started": 0}
    return {"receipts": [one | changes]}


@pytest.mark.parametrize(
    "changes",
    [
        {"at": [0] * 30_001, "seq": [0] * 30_001, "token": [True] * 30_001}, {"at": [1]}, {"seq": [-1, 2]},
        {"seq": [10**400, 1]}, {"at": [1e300, 1]}, {"reconnects": -1}, {"reconnects": 10**400},
        {"at": [3.0, 2.0]}, {"client": "x" * 101}, {"bytes_payload": -5}, {"bytes_payload": 10**30},
        {"thread_id": "x" * 61},
    ],
)  # fmt: skip
def test_receipts_that_lie(besieged: Served, changes: dict[str, Any]) -> None:
    thread = besieged.thread()
    besieged.start(thread)
    for path in ("/measure", "/evidence"):
        told = besieged.http.post(path, json={"thread_id": thread} | receipts(**changes))
        assert (told.status_code, told.json()["error"]) == (400, "invalid_argument"), told.text


@pytest.mark.parametrize("path", ["/threads/{t}", "/threads/{t}/state", "/threads/{t}/stream/events", "/evidence/{t}"])
def test_ids_that_nobody_gave(besieged: Served, path: str) -> None:
    assert besieged.http.get(path.format(t=uuid.uuid4())).status_code == 404


def test_an_answer_of_the_classics_counts_as_a_run() -> None:
    with served(backend(ToyAgent(never), runs=1)) as site:
        with site.http.stream("GET", "/stream?query=hi") as first:
            assert first.status_code == 200
            refused = site.http.get("/stream?query=hi")
            assert (refused.status_code, refused.json()["error"]) == (503, "too_many_runs")
            assert site.start(site.thread())["error"] == "too_many_runs"
        until(lambda: site.backend.threads.answers == 0)
        assert site.start(site.thread())["type"] == "success"
        assert site.http.get("/stream?query=hi").status_code == 503


def test_after_a_flood_of_threads_there_is_room_for_one_that_is_used() -> None:
    with served(backend(threads=5)) as site:
        for _ in range(50):
            site.thread()
        assert len(site.backend.threads) == 5
        still_serves(site)
