"""A model's server for tests, on a real port: chat completions as they stand on the wire, and every way to spoil them.

The name of the model that is asked for says how the server behaves.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from demos.agent.model_settings import ModelAddress
from tests.demos.toys import KNOWLEDGE, WAIT_S, Served, backend, events, served

if TYPE_CHECKING:
    from demos.agent.graph import Agent
    from demos.agent.openai_model import HostedModel

QUESTION = "Does EventSource reconnect?"
WORDS = ["Event", "Source", " reconnects", " by", " itself", " [1]", "."]
STATUSES = {"refused": 401, "forbidden": 403, "unknown": 404, "limited": 429, "failing": 500, "picky": 400}
KEY = "sk-not-for-your-eyes"


@dataclass
class Stub:
    """What the server was asked, and what became of the connections."""

    url: str
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    go_on: threading.Event = field(default_factory=threading.Event)
    """Until it is set, `paused` waits after two words, and `slow` before the first."""
    hung_up: threading.Event = field(default_factory=threading.Event)
    """The client closed a connection in the middle of an answer."""

    def messages(self, role: str, request: int = -1) -> list[str]:
        return [one["content"] for one in self.requests[request]["messages"] if one["role"] == role]

    def forget(self) -> None:
        self.requests.clear()
        self.headers.clear()
        self.go_on.clear()
        self.hung_up.clear()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stub: Stub

    def log_message(self, *_: Any) -> None:
        pass

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.stub.headers.append({name.lower(): value for name, value in self.headers.items()})
        self.stub.requests.append(asked)
        name = asked["model"]
        if name == "rude":
            self.close_connection = True
        elif name in STATUSES or not self.path.endswith("/v1/chat/completions"):
            self._fail(STATUSES.get(name, 404))
        elif name in ("page", "whole"):
            page = "<h1>Welcome</h1>" if name == "page" else json.dumps({"choices": [{"message": {"content": "Hi"}}]})
            self._head("text/html" if name == "page" else "application/json", len(page))
            self.wfile.write(page.encode())
        else:
            self._head("text/event-stream")
            try:
                self._stream(name, asked)
            except OSError:
                self.stub.hung_up.set()
                self.close_connection = True

    def _head(self, kind: str, length: int | None = None, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        framing = ("Transfer-Encoding", "chunked") if length is None else ("Content-Length", str(length))
        self.send_header(*framing)
        self.end_headers()

    def _fail(self, status: int) -> None:
        said = {"error": {"message": f"No, not with {self.headers['Authorization']}", "type": "x", "code": None}}
        text = json.dumps(said).encode()
        self._head("application/json", len(text), status)
        self.wfile.write(text)

    def _stream(self, name: str, asked: dict[str, Any]) -> None:
        if name == "slow":
            self._wait()
        self._chunk(delta={"role": "assistant", "content": ""})
        words = {"mute": [], "endless": ["on "] * 10_000}.get(name, WORDS)
        for n, word in enumerate(words[: None if name == "endless" else asked.get("max_tokens")]):
            if n == 2 and name == "paused":
                self._wait()
            if n == 2 and name in ("dying", "leaving", "garbling", "erring"):
                return self._spoil(name)
            self._chunk(delta={"content": word})
        self._chunk(delta={}, finish_reason="stop")
        usage = {"prompt_tokens": 9, "completion_tokens": len(WORDS), "total_tokens": 9 + len(WORDS)}
        self._say({"id": "c1", "object": "chat.completion.chunk", "model": name, "choices": [], "usage": usage})
        self._write(b"data: [DONE]\n\n")
        self._write(b"")

    def _spoil(self, how: str) -> None:
        match how:
            case "dying":  # in the middle of a body whose end is not there yet
                self.close_connection = True
            case "leaving":  # a clean end that comes too early
                self._write(b"")
            case "garbling":
                self._write(b"data: {not json\n\n")
                self._write(b"")
            case "erring":
                self._say({"error": {"message": f"out of memory, {self.headers['Authorization']}", "code": 500}})
                self._write(b"")

    def _wait(self) -> None:
        """For leave to go on; or for the client, who says no more unless it goes."""
        self.connection.settimeout(0.005)
        while not self.stub.go_on.is_set():
            try:
                if self.connection.recv(1) == b"":
                    raise ConnectionResetError
            except TimeoutError:
                continue
        self.connection.settimeout(WAIT_S)

    def _chunk(self, **choice: Any) -> None:
        given = {"index": 0, "finish_reason": None, **choice}
        self._say({"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [given]})

    def _say(self, value: Any) -> None:
        self._write(f"data: {json.dumps(value)}\n\n".encode())

    def _write(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))


@contextmanager
def stub_model() -> Iterator[Stub]:
    """A server that is up as long as the block."""
    handler = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    stub = handler.stub = Stub(f"http://127.0.0.1:{server.server_address[1]}/v1")  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield stub
    finally:
        stub.go_on.set()
        server.shutdown()
        thread.join(WAIT_S)
        server.server_close()


def hosted(url: str, name: str = "good", silence_s: float = 10) -> HostedModel:
    from demos.agent.openai_model import HostedModel

    return HostedModel.at(ModelAddress(url, name, KEY, silence_s))


def agent_on(url: str, name: str = "good", silence_s: float = 10) -> Agent:
    """Imported here: langgraph's warning is filtered where it is imported, and pytest undoes that after a test."""
    from demos.agent.graph import Agent

    return Agent(KNOWLEDGE, hosted=hosted(url, name, silence_s))


@contextmanager
def served_on(url: str, name: str = "good", silence_s: float = 10) -> Iterator[Served]:
    """The demo server, with a real model behind it."""
    with served(backend(agent_on(url, name, silence_s))) as up:
        yield up


def read(up: Served, thread: str) -> list[dict[str, Any]]:
    """A run's events to its end, over WebSocket."""
    path = f"/threads/{thread}/stream/events?channels=messages,lifecycle,values,input,tools&since=0"
    return list(events(up.socket(path)))
