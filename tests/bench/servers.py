"""The servers that the streaming benchmark measures, each a child process: ours, bare Starlette, and LangGraph's own.

LangGraph's development server (Elastic License 2.0) is a black box here. It lives in an environment of its own, made on
first use; nothing of it is imported or copied.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from demos.processes import demo_server as child

ROOT = Path(__file__).parents[2]
PEER = ROOT / "build/peer"
PINS = ROOT / "requirements/bench.txt"
QUIET = {"LANGGRAPH_CLI_NO_ANALYTICS": "1", "LANGSMITH_TRACING": "false"}
PEER_START_S = 60.0


@dataclass(frozen=True)
class Server:
    """A server that is up: where its interface is, and its process."""

    url: str
    pid: int

    @property
    def port(self) -> int:
        return int(self.url.split(":")[2].split("/")[0])

    def cpu_s(self) -> float:
        """Seconds of processor time that the process has taken, as Linux counts them.

        Raises:
            OSError: this system has no /proc.
        """
        user, system = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def rss(self) -> int:
        """Bytes of memory that the process holds, as Linux counts them.

        Raises:
            OSError: this system has no /proc.
        """
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def ours(**settings: str) -> Iterator[Server]:
    """`python -m demos serve`, with room for a crowd, and no heartbeat that would be counted as an event."""
    room = {"STREAMWISE_MAX_STREAMS": "2000", "STREAMWISE_MAX_CLIENT_STREAMS": "2000"}
    with child.served({**room, "STREAMWISE_HEARTBEAT_SECONDS": "600", **settings}) as started:
        yield Server(f"http://127.0.0.1:{started.port}/api", started.pid)


@contextmanager
def bare(recording: Path) -> Iterator[Server]:
    """`tests.bench.bare`, which plays back what ours once said."""
    with _process([sys.executable, "-m", "tests.bench.bare", str(recording)], ROOT, {}) as started:
        started.wait_until_up()
        yield Server(f"http://127.0.0.1:{started.port}/api", started.pid)


@contextmanager
def peer() -> Iterator[Server]:
    """`langgraph dev` with its defaults, on a graph of ours.

    Raises:
        RuntimeError: it did not come up; with what it said.
    """
    command = _installed() / "langgraph"
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        config = {"dependencies": ["."], "graphs": {"agent": "tests.bench.peer_graph:graph"}}
        Path(folder, "langgraph.json").write_text(json.dumps(config))
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        options = ("dev", "--no-browser", "--no-reload", "--host", "127.0.0.1", "--port", str(port))
        with _process([str(command), *options], Path(folder), {**QUIET, "PYTHONPATH": str(ROOT)}) as started:
            url = f"http://127.0.0.1:{port}"
            _wait_until_ok(started, url)
            yield Server(url, started.process.pid)


def _installed() -> Path:
    """The folder of the peer's commands; installs them where they are not, or not in these versions."""
    stamp, commands = PEER / "installed.txt", PEER / ("Scripts" if os.name == "nt" else "bin")
    if not stamp.is_file() or stamp.read_text() != PINS.read_text():
        print(f"installing LangGraph's development server into {PEER.relative_to(ROOT)}, once", flush=True)
        venv.create(PEER, with_pip=True, clear=True)
        pip = [str(commands / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--require-hashes", "-r", str(PINS)], check=True, capture_output=True)
        stamp.write_text(PINS.read_text())
    return commands


@contextmanager
def _process(command: Sequence[str], folder: Path, more: Mapping[str, str]) -> Iterator[child.Child]:
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, cwd=folder, env={**os.environ, **more}, stdout=output, stderr=output)
        started = child.Child(process, output)
        try:
            yield started
        finally:
            started.end()


def _wait_until_ok(started: child.Child, url: str) -> None:
    ends = time.monotonic() + PEER_START_S
    while time.monotonic() < ends and started.process.poll() is None:
        try:
            if httpx.get(f"{url}/ok", timeout=1).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise RuntimeError(f"LangGraph's server did not start within {PEER_START_S:g} s. It said: {started.said()[-2000:]}")
