"""Snippets started as a user starts them: copied to a folder, a server on its own port, a relay before it to cut."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from demos.faults import Ending, Passed, Quiet, Sleep
from demos.harness.relay import Relay
from guide.book import KNOWLEDGE, book
from guide.model import Snippet
from tests.patience import seconds

HEARTBEAT_S, SILENCE_S = 0.1, 0.7
"""The tool of the snippets' agent says nothing for 0.8 s: without heartbeats, a client would take the path for dead."""
PATIENT_S = 10.0
"""For the clients of tests that are not about silence: a busy machine must not look like one."""
ALL_SERVERS = {key: s for key, s in book().snippets.items() if s.side == "server" and s.option}
SERVERS = {key: s for key, s in ALL_SERVERS.items() if "post" not in s.clients}
"""Those that have runs, with an address each."""
WAIT_S = seconds(60)
"""Long enough on a busy machine; nothing waits that long when all is well."""


def said(prompt: str) -> str:
    """What the snippets' agent answers."""
    return f"You asked: {prompt} Here would be an answer, one token after another."


def until(true: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + WAIT_S
    while not true():
        assert time.monotonic() < deadline, f"not within {WAIT_S} s: {what}"
        time.sleep(0.01)  # between two looks


def environment(**more: object) -> dict[str, str]:
    """Short times, and no proxy of this machine between two of its own ports."""
    left = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
    times = {"HEARTBEAT_SECONDS": HEARTBEAT_S}
    return left | {key: str(value) for key, value in (times | more).items()}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class OnDemand:
    """A fault that strikes when it is told to: every connection that is open, and none that comes later."""

    def __init__(self) -> None:
        self._told: asyncio.Future[Ending] | None = None

    async def strike(self, sleep: Sleep, quiet: Quiet, passed: Passed) -> Ending:
        self._told = self._told or asyncio.get_running_loop().create_future()
        return await asyncio.shield(self._told)

    def now(self, ending: Ending) -> None:
        told, self._told = self._told, None
        assert told, "nothing to cut"
        told.set_result(ending)


@dataclass
class Served:
    """A server snippet that runs, and the relay that its clients go through."""

    key: str
    folder: Path
    port: int
    log: Path
    relay_port: int = 0
    loop: asyncio.AbstractEventLoop | None = None
    """The relay's."""
    fault: OnDemand = field(default_factory=OnDemand)

    def cut(self, ending: Ending) -> None:
        """Every open connection, as the path would: reset, or without a word."""
        done = threading.Event()

        def strike() -> None:
            self.fault.now(ending)
            done.set()

        assert self.loop
        self.loop.call_soon_threadsafe(strike)
        assert done.wait(WAIT_S)

    def streams(self) -> list[str]:
        """One line of the server's log for each event stream or socket that was opened."""
        opened = r'"GET /runs/\S+/events\S* HTTP/1.1" 200|"POST /answers HTTP/1.1" 200|"WebSocket /ws" \[accepted\]'
        found = re.findall(opened, self.text())
        return [str(line) for line in found]

    def text(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")


Start = Callable[[str], Served]
"""Starts a server snippet, by its id, when it is first asked for."""


@contextmanager
def serving(key: str, folder: Path, wrapper: str = "") -> Iterator[Served]:
    """Within it, a server snippet serves from a folder that holds copies of all of them.

    `wrapper`: Python of a module that watches it from within and has its `app`.
    """
    module = Path(ALL_SERVERS[key].file).stem
    shutil.copytree(KNOWLEDGE / "snippets", folder, ignore=shutil.ignore_patterns("__pycache__"))
    if wrapper:
        module = "wrapper"
        (folder / "wrapper.py").write_text(wrapper, encoding="utf-8")
    served = Served(key, folder, free_port(), folder / "log")
    with ExitStack() as stack:
        stack.enter_context(_relaying(served))
        origin = f"http://127.0.0.1:{served.relay_port}"
        command = [sys.executable, "-m", "uvicorn", f"{module}:app", "--port", str(served.port)]
        out = stack.enter_context(served.log.open("wb"))
        server = subprocess.Popen(
            [*command, "--timeout-graceful-shutdown", "1"],
            cwd=folder,
            env=environment(ALLOWED_ORIGINS=origin),
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        stack.callback(server.wait)
        stack.callback(server.terminate)
        until(lambda: "Uvicorn running" in served.text() or server.poll() is not None, f"{module} serves")
        assert server.poll() is None, served.text()
        yield served


@contextmanager
def _relaying(served: Served) -> Iterator[None]:
    ready, over = threading.Event(), asyncio.Event()

    async def relay() -> None:
        async with Relay("127.0.0.1", served.port, [served.fault] * 1000) as here:
            served.loop, served.relay_port = asyncio.get_running_loop(), here.port
            ready.set()
            await over.wait()

    thread = threading.Thread(target=asyncio.run, args=(relay(),), daemon=True)
    thread.start()
    assert ready.wait(WAIT_S)
    try:
        yield
    finally:
        assert served.loop
        served.loop.call_soon_threadsafe(over.set)
        thread.join(WAIT_S)


def start_run(served: Served, prompt: str) -> str:
    """By POST, past the relay. Returns the address of the run."""
    answer = httpx.post(f"http://127.0.0.1:{served.port}/runs", json={"prompt": prompt}, trust_env=False)
    assert answer.status_code == 201, answer.text
    return f"http://127.0.0.1:{served.port}/runs/{answer.json()['run']}"


class Client:
    """A Python client snippet, started on the command line."""

    def __init__(self, snippet: Snippet, served: Served, prompt: str, silence_s: float) -> None:
        base = f"127.0.0.1:{served.relay_port}"
        url = f"http://{base}" if snippet.option == "sse" else f"ws://{base}/ws"
        self.process = subprocess.Popen(
            [sys.executable, snippet.file, url, prompt],
            cwd=served.folder,
            env=environment(PYTHONIOENCODING="utf-8", SILENCE_SECONDS=silence_s),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,  # what is read ahead would be lost to communicate()
        )
        self.text = ""
        self.served, self._before = served, len(served.streams())

    @property
    def opened(self) -> int:
        """Event streams or sockets that the server saw since."""
        return len(self.served.streams()) - self._before

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

    def interrupt(self) -> None:
        """Ctrl-C."""
        self.process.send_signal(signal.SIGINT)

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()
