"""The server snippets as they stand: what they send byte by byte, what they refuse, how they end."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
import uuid
from typing import Any

import httpx
import pytest
import websocket

from tests.guide.started import SERVERS, WAIT_S, Served, Start, environment, said, start_run

# --- event stream ---


@pytest.fixture(params=[key for key, snippet in SERVERS.items() if snippet.option == "sse"])
def sse(request: pytest.FixtureRequest, started: Start) -> Served:
    return started(request.param)


def parsed(text: str) -> list[dict[str, str]]:
    """Blocks of an event stream, field by field; written apart from the snippets' own parsers."""
    return [
        dict(line.split(": ", 1) for line in block.split("\n")) for block in text.removesuffix("\n\n").split("\n\n")
    ]


def test_an_event_stream_is_as_proxies_and_browsers_need_it(sse: Served) -> None:
    run = start_run(sse, "Hm?")
    with httpx.stream("GET", f"{run}/events", trust_env=False) as response:
        # The agent is still silent: what is here came at once.
        assert response.headers["content-type"].partition(";")[0] == "text/event-stream"
        assert response.headers["x-accel-buffering"] == "no"
        assert response.headers["cache-control"] == "no-cache"
        text = response.read().decode()
    first, *blocks = parsed(text)
    assert first.keys() == {"retry"}
    assert 500 <= int(first["retry"]) <= 1500
    kinds = [block["event"] for block in blocks]
    assert kinds[:3] == ["ping"] * 3, "while the tool is silent"
    assert kinds[-1] == "end"
    assert all("id" not in block for block in blocks if block["event"] == "ping")
    numbered = [block for block in blocks if "id" in block]
    assert [int(block["id"]) for block in numbered] == list(range(1, len(numbered) + 1))
    assert "".join(json.loads(block["data"]).get("text", "") for block in numbered) == said("Hm?")
    assert json.loads(numbered[-1]["data"])["status"] == "completed"


def test_a_second_reader_gets_what_it_asks_for_and_204_when_nothing_is_left(sse: Served) -> None:
    run = start_run(sse, "Hm?")
    get = functools.partial(httpx.get, f"{run}/events", trust_env=False)
    last = int(parsed(get().text)[-1]["id"])
    by_header = parsed(get(headers={"Last-Event-ID": "3"}).text)[1:]
    assert [int(block["id"]) for block in by_header] == list(range(4, last + 1))
    assert parsed(get(params={"since": 3}).text)[1:] == by_header
    assert parsed(get(params={"since": 1}, headers={"Last-Event-ID": "3"}).text)[1:] == by_header, "the header is newer"
    assert get(params={"since": last}).status_code == 204
    assert get(headers={"Last-Event-ID": str(last)}).status_code == 204
    assert get(params={"since": last + 1}).status_code == 400, "waiting there would be silence for ever"


def test_what_is_wrong_is_refused(sse: Served) -> None:
    base = f"http://127.0.0.1:{sse.port}"
    with httpx.Client(base_url=base, trust_env=False) as http:
        for path in ("/runs/none/events", "/runs/none/stop"):
            assert http.request("POST" if "stop" in path else "GET", path).status_code == 404
        for body in ({}, {"prompt": ""}, {"prompt": 1}, {"prompt": "x" * 4001}, ["prompt"], "prompt"):
            assert http.post("/runs", json=body).status_code == 422
        # What a form of another origin can send without being asked about.
        plain = http.post("/runs", content=b'{"prompt": "x"}', headers={"Content-Type": "text/plain"})
        assert plain.status_code in (415, 422)
        run = start_run(sse, "Hm?")
        for since in ("-1", "x", "1e3", "٣"):
            assert http.get(f"{run}/events", params={"since": since}).status_code in (400, 422)
        assert http.post(f"{run}/stop").status_code == 202
        assert http.post(f"{run}/stop").status_code == 202
        assert parsed(http.get(f"{run}/events").text)[-1]["event"] == "end"


# --- WebSocket ---


@pytest.fixture(params=[key for key, snippet in SERVERS.items() if snippet.option == "websocket"])
def ws(request: pytest.FixtureRequest, started: Start) -> Served:
    return started(request.param)


def connected(served: Served, **options: Any) -> websocket.WebSocket:
    options = {"suppress_origin": True, **options}
    return websocket.create_connection(
        f"ws://127.0.0.1:{served.port}/ws", timeout=WAIT_S, http_no_proxy=["*"], **options
    )


def received(connection: websocket.WebSocket) -> tuple[list[dict[str, Any]], int]:
    """All messages, and the close code."""
    messages: list[dict[str, Any]] = []
    while True:
        kind, data = connection.recv_data()
        if kind == websocket.ABNF.OPCODE_CLOSE:
            connection.shutdown()  # type: ignore[no-untyped-call]
            return messages, int.from_bytes(data[:2], "big")
        messages.append(json.loads(data))


def test_a_socket_says_everything_and_why_it_closes(ws: Served) -> None:
    start = {"type": "start", "run": str(uuid.uuid4()), "prompt": "Hm?"}
    first, second = connected(ws), connected(ws)
    for connection in (first, second):  # as a client does that was cut before it heard anything: one run, not two
        connection.send(json.dumps(start))
    messages, code = received(first)
    assert code == 1000
    assert [message["type"] for message in messages[:3]] == ["ping"] * 3, "while the tool is silent"
    events = [message for message in messages if message["type"] != "ping"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert "".join(event.get("text", "") for event in events) == said("Hm?")
    assert events[-1] == {"seq": len(events), "type": "end", "status": "completed"}
    assert [message for message in received(second)[0] if message["type"] != "ping"] == events
    third = connected(ws)
    third.send(json.dumps({"type": "resume", "run": start["run"], "since": 3}))
    assert received(third) == (events[3:], 1000)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("{", 1008),
        ('["start"]', 1008),
        (b"{}", 1008),
        ({"type": "stop"}, 1008),
        ({"type": "start", "run": "mine", "prompt": "Hm?"}, 1008),
        ({"type": "start", "run": "11111111-1111-4111-8111-111111111111", "prompt": ""}, 1008),
        ({"type": "resume", "run": "11111111-1111-4111-8111-111111111112", "since": 0}, 4404),
        ({"type": "resume", "run": "11111111-1111-4111-8111-111111111112", "since": "x"}, 1008),
    ],
)
def test_a_first_message_that_is_wrong_closes(ws: Served, message: Any, code: int) -> None:
    connection = connected(ws)
    if isinstance(message, bytes):
        connection.send_binary(message)
    else:
        connection.send(message if isinstance(message, str) else json.dumps(message))
    assert received(connection) == ([], code)


def test_a_later_message_that_is_wrong_closes_and_the_run_goes_on(ws: Served) -> None:
    run = str(uuid.uuid4())
    connection = connected(ws)
    connection.send(json.dumps({"type": "start", "run": run, "prompt": "Hm?"}))
    connection.recv()
    connection.send(json.dumps({"type": "pause"}))
    assert received(connection)[1] == 1008
    again = connected(ws)
    again.send(json.dumps({"type": "resume", "run": run, "since": 0}))
    messages, code = received(again)
    assert (messages[-1]["status"], code) == ("completed", 1000)


@pytest.mark.parametrize("origin", ["http://elsewhere.example", "null", ""])
def test_a_page_of_another_origin_is_refused_before_it_is_accepted(ws: Served, origin: str) -> None:
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        connected(ws, suppress_origin=True, header=[f"Origin: {origin}"])
    assert refused.value.status_code == 403


def test_a_page_of_an_allowed_origin_is_let_in(ws: Served) -> None:
    connected(ws, suppress_origin=False, origin=f"http://127.0.0.1:{ws.relay_port}").close()


SLOW = """
import asyncio, json, sys
app = __import__(sys.argv[1]).app
start = {"type": "start", "run": "11111111-1111-4111-8111-111111111113", "prompt": "Hm?"}
said = [{"type": "websocket.connect"}, {"type": "websocket.receive", "text": json.dumps(start)}]

async def receive():
    return said.pop(0) if said else await asyncio.Event().wait()

async def send(message):
    if message["type"] == "websocket.close":
        print(message["code"])
    elif message["type"] == "websocket.send":
        await asyncio.Event().wait()  # as a server does while the client takes nothing

asyncio.run(app({"type": "websocket", "path": "/ws", "headers": [], "query_string": b""}, receive, send))
"""


def test_a_reader_that_takes_nothing_is_cut_off(ws: Served) -> None:
    """Over real sockets it would take megabytes; a server tells of a full one by not returning from `send`."""
    module = SERVERS[ws.key].file.removesuffix(".py")
    ran = subprocess.run(
        [sys.executable, "-c", SLOW, module],
        cwd=ws.folder,
        env=environment(SEND_SECONDS=0.2),
        capture_output=True,
        text=True,
        timeout=WAIT_S,
        check=True,
    )
    assert ran.stdout.split() == ["1013"]
