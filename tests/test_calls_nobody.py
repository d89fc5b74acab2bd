"""The app calls nobody, whatever stands in the environment and whoever knocks. Seen by a recorder that plays proxy and
tracing server, and by an audit hook in every Python process of ours, which notes names looked up and connects."""

from __future__ import annotations

import json
import socket
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.browser.running import running_app
from tests.demos.toys import WAIT_S, until

HOOK = """
import ipaddress, os, sys
def local(host):
    try:
        found = None if host is None else ipaddress.ip_address(host.split("%")[0])
        return found is None or found.is_loopback or found.is_unspecified
    except ValueError:
        return host in ("localhost", "")
def noted(event, given):
    if event == "socket.connect" and isinstance(given[1], tuple): host = given[1][0]
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"): host = given[0]
    else: return
    host = host.decode() if isinstance(host, bytes) else host
    if not local(host):
        with open(os.environ["STREAMWISE_TEST_CALLS"], "a") as file: print(event, host, file=file)
sys.addaudithook(noted)
"""
"""A sitecustomize module: Python imports it at every start."""
FOREIGN = 20
HANDSHAKE = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nOrigin: {origin}\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


@dataclass
class Recorder:
    """Accepts every connection, keeps it open and answers nothing, as a network does that swallows packets."""

    port: int
    met: list[bytes] = field(default_factory=list)


@contextmanager
def recorder() -> Iterator[Recorder]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        made, open_ = Recorder(listener.getsockname()[1]), []

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return  # the test is over
                open_.append(connection)
                connection.settimeout(WAIT_S)
                made.met.append(connection.recv(500))

        threading.Thread(target=accept, daemon=True).start()
        yield made
        listener.shutdown(socket.SHUT_RDWR)
        for connection in open_:
            connection.close()


@dataclass
class Watched:
    url: str
    met: list[bytes]
    calls: Path

    def nobody_was_called(self) -> None:
        assert self.met == []
        assert not self.calls.exists() or self.calls.read_text() == ""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """The app, with what people who build agents have in their shells."""
    folder = tmp_path_factory.mktemp("watched")
    (folder / "sitecustomize.py").write_text(HOOK)
    with recorder() as met:
        there = f"http://127.0.0.1:{met.port}"
        shell = {f"{name}_PROXY": there for name in ("HTTP", "HTTPS", "ALL")}
        shell |= {name.lower(): value for name, value in shell.items()} | {"NO_PROXY": "", "no_proxy": ""}
        shell |= {f"LANGSMITH_{name}": "true" for name in ("TRACING", "TRACING_V2", "OTEL_ENABLED")}
        shell |= {"LANGCHAIN_TRACING_V2": "true", "LANGSMITH_API_KEY": "k", "LANGCHAIN_API_KEY": "k"}
        shell |= {"LANGSMITH_ENDPOINT": there, "LANGCHAIN_ENDPOINT": there, "LANGSMITH_PROJECT": "p"}
        shell |= {"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": there, "ANTHROPIC_API_KEY": "k"}
        shell |= {"OTEL_EXPORTER_OTLP_ENDPOINT": there, "SENTRY_DSN": f"http://k@127.0.0.1:{met.port}/1"}
        shell |= {"PYTHONPATH": str(folder), "STREAMWISE_TEST_CALLS": str(folder / "calls")}
        with running_app(folder / "log", shell) as url:
            yield Watched(url, met.met, folder / "calls")


def ask(app: Watched, path: str) -> httpx.Response:
    return httpx.get(app.url + path, timeout=WAIT_S, trust_env=False)


def test_nobody_is_called_at_the_start_and_through_a_run(app: Watched) -> None:
    for path in ("/", "/api/health", "/api/metrics", "/_stcore/health", "/_stcore/host-config"):
        assert ask(app, path).status_code == 200
    assert "[DONE]" in ask(app, "/api/stream?query=Why+a+heartbeat%3F").text
    with httpx.Client(base_url=f"{app.url}/api", timeout=WAIT_S, trust_env=False) as http:
        thread = http.post("/threads", json={}).json()["thread_id"]
        given = {"messages": [{"role": "user", "content": "Why a heartbeat?"}]}
        params = {"input": given, "config": {"configurable": {"rate": 0, "first_token_ms": 0}}}
        started = http.post(f"/threads/{thread}/commands", json={"id": 1, "method": "run.start", "params": params})
        assert started.json()["type"] == "success"
        until(lambda: http.get(f"/threads/{thread}").json()["status"] == "idle")
        assert http.get(f"/threads/{thread}/state").json()["values"]["messages"]
    app.nobody_was_called()


@pytest.mark.quiet
def test_foreign_handshakes_call_nobody_and_hold_nobody_up(app: Watched) -> None:
    """Against same-origin ones in the same run: a foreign one must not cost more of anybody's time.

    The usual time, not the longest: that one is the machine's.
    """
    own = _usual_health(app, app.url)
    foreign = _usual_health(app, "http://evil.example")
    app.nobody_was_called()
    assert foreign < 2 * own + 0.1


def _usual_health(app: Watched, origin: str) -> float:
    port = int(app.url.rpartition(":")[2])
    opened, took = [], []
    for path in ("/_stcore/stream", "/api/ws"):
        for _ in range(FOREIGN):
            connection = socket.create_connection(("127.0.0.1", port), WAIT_S)
            connection.sendall(HANDSHAKE.format(path=path, port=port, origin=origin).encode())
            opened.append(connection)
            began = time.monotonic()
            assert json.loads(ask(app, "/api/health").text)["status"] == "ok"
            took.append(time.monotonic() - began)
    statuses = {connection.recv(12) for connection in opened}
    assert statuses == ({b"HTTP/1.1 101"} if origin == app.url else {b"HTTP/1.1 403"})
    for connection in opened:
        connection.close()
    return statistics.median(took)
