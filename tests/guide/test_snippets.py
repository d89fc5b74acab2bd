"""The starter code: what is offered to whom, and each server with each client that belongs to it, as they stand."""

from __future__ import annotations

import functools
import importlib.metadata
import json
import re
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
import websocket

from demos.faults import Ending
from guide import book as books
from guide.book import Book
from guide.model import Answers, Snippet
from guide.snippets import chosen
from tests.guide.started import WAIT_S, Served, environment, said, serving, start_run

OURS = books.book()
PROMPT = "Why a heartbeat? " * 4 + "Tell me, über alles."
SERVERS = {key: s for key, s in OURS.snippets.items() if s.side == "server" and s.option}
CLIENTS = {key: s for key, s in OURS.snippets.items() if s.side == "client" and s.language == "python"}
PAIRS = [
    (server, client) for server in SERVERS for client in CLIENTS if SERVERS[server].option == CLIENTS[client].option
]
MOST_LINES = 120
Start = Callable[[str], Served]


# --- what is offered ---


@pytest.mark.parametrize(
    ("answers", "choice", "clients"),
    [
        ({}, "sse", ["client-sse-browser", "client-sse-python"]),
        ({"auth": ("header",)}, "sse", ["client-sse-fetch", "client-sse-python"]),
        ({"clients": ("programs",), "auth": ("header",)}, "sse", ["client-sse-python"]),  # auth is then not asked
        ({"clients": ("browsers", "programs")}, "websocket", ["client-ws-browser", "client-ws-python"]),
        ({"clients": ("mobile",)}, "websocket", ["client-ws-python"]),
        (
            {"clients": ("unknown",), "auth": ("unknown",)},
            "level",
            ["client-sse-browser", "client-sse-python", "client-ws-browser", "client-ws-python"],
        ),
    ],
)
def test_what_is_offered_follows_the_answers(ours: Book, answers: Answers, choice: str, clients: list[str]) -> None:
    keys = chosen(ours, answers, choice)
    assert [key for key in keys if ours.snippets[key].side == "client"] == clients
    servers = [key for key, snippet in SERVERS.items() if choice in (snippet.option, "level")]
    assert [key for key in keys if ours.snippets[key].side == "server"] == ["agent-run", *servers]


def test_what_lies_outside_gets_no_code(ours: Book) -> None:
    assert all(chosen(ours, {}, choice) == () for choice in ours.outside)


# --- what each file says about itself ---


@pytest.mark.parametrize("key", OURS.snippets)
def test_a_snippet_is_short_and_says_what_it_requires(key: str) -> None:
    snippet, code = OURS.snippets[key], OURS.code[key]
    head = code[: code.index("const " if snippet.language == "javascript" else "from __future__")]
    assert len(code.splitlines()) <= MOST_LINES
    assert set(re.findall(r"[\w-]+==\w+(?:\.\w+)*", head)) == set(snippet.requires)
    assert re.search(r"(Start|Use): |Nothing to start", head), "how is it run?"
    named = {other.file for other in OURS.snippets.values() if other.file in head.replace("./", "")}
    assert snippet.file in named or Path(snippet.file).stem in head or snippet.option is None


@pytest.mark.parametrize("requirement", sorted({r for s in OURS.snippets.values() for r in s.requires}))
def test_what_a_snippet_requires_is_what_it_was_run_with(requirement: str) -> None:
    name, version = requirement.split("==")
    assert importlib.metadata.version(name) == version


# --- every server with every client ---


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Servers, each started when it is first asked for."""
    with ExitStack() as stack:

        @functools.cache
        def start(key: str) -> Served:
            folder = tmp_path_factory.mktemp(key) / "copy"
            return stack.enter_context(serving(Path(SERVERS[key].file).stem, folder))

        yield start


class Client:
    """A Python client snippet, started on the command line."""

    def __init__(self, snippet: Snippet, served: Served) -> None:
        base = f"127.0.0.1:{served.relay_port}"
        url = f"http://{base}" if snippet.option == "sse" else f"ws://{base}/ws"
        self.process = subprocess.Popen(
            [sys.executable, snippet.file, url, PROMPT],
            cwd=served.folder,
            env=environment(PYTHONIOENCODING="utf-8"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,  # what is read ahead would be lost to communicate()
        )
        self.text = ""
        self._served, self._before = served, len(served.streams())

    @property
    def opened(self) -> int:
        """Event streams or sockets that the server saw since."""
        return len(self._served.streams()) - self._before

    def read(self, count: int) -> None:
        """So many more characters, as they arrive."""
        assert self.process.stdout
        given = b""
        while len(given.decode(errors="ignore")) < count:
            byte = self.process.stdout.read(1)
            assert byte, "it ended early"
            given += byte
        self.text += given.decode()

    def rest(self) -> str:
        """To its end. Returns the status that it printed."""
        out, err = self.process.communicate(timeout=WAIT_S)
        self.text += out.decode()
        assert self.process.returncode == 0, err.decode()
        status = re.fullmatch(r"\s*\[(\w+)\]\s*", err.decode())
        assert status, err.decode()
        return status[1]


@pytest.fixture
def pair(request: pytest.FixtureRequest, started: Start) -> Iterator[tuple[Served, Client]]:
    server, client = request.param
    served = started(server)
    found = Client(CLIENTS[client], served)
    yield served, found
    found.process.kill()
    found.process.communicate()


each_pair = pytest.mark.parametrize("pair", PAIRS, indirect=True, ids=["-with-".join(pair) for pair in PAIRS])


@each_pair
def test_a_whole_run_through_a_silence_is_one_connection(pair: tuple[Served, Client]) -> None:
    """The agent's tool is silent for longer than the client waits: only heartbeats keep the connection."""
    _, client = pair
    assert client.rest() == "completed"
    assert client.text.strip() == said(PROMPT)
    assert client.opened == 1


@each_pair
@pytest.mark.parametrize("ending", [Ending.RESET, Ending.SILENT])
def test_a_cut_loses_nothing_and_repeats_nothing(pair: tuple[Served, Client], ending: Ending) -> None:
    served, client = pair
    client.read(20)
    served.cut(ending)
    assert client.rest() == "completed"
    assert client.text.strip() == said(PROMPT)
    assert client.opened == 2


@each_pair
def test_a_stop_ends_the_run_and_not_only_the_listening(pair: tuple[Served, Client]) -> None:
    _, client = pair
    client.read(20)
    client.process.send_signal(signal.SIGINT)
    assert client.rest() == "stopped"
    text = client.text.strip()
    assert said(PROMPT).startswith(text)
    assert 20 <= len(text) < len(said(PROMPT))
    assert client.opened == 1


# --- the event stream servers, byte by byte ---


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


# --- the WebSocket servers, message by message ---


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
    messages = []
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
