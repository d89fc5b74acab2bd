"""The servers that the streaming benchmark measures, each a child process: ours, bare Starlette, and LangGraph's own.

LangGraph's development server (Elastic License 2.0) is a black box here. It lives in an environment of its own, made on
first use; nothing of it is imported or copied.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from demos.processes import demo_server, supervised
from demos.processes.ports import free_port
from tests.browser.running import wait_until_answered

ROOT = Path(__file__).parents[2]
PEER = ROOT / "build/peer"
STAMP = PEER / "installed.txt"
PINS = ROOT / "requirements/bench.txt"
QUIET = {"LANGGRAPH_CLI_NO_ANALYTICS": "1", "LANGSMITH_TRACING": "false"}


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
    most = {"STREAMS": 2000, "RUNS": 50, "THREADS": 200}
    room = {f"STREAMWISE_MAX_{of}{name}": str(n) for name, n in most.items() for of in ("", "CLIENT_")}
    room |= {"STREAMWISE_MAX_CONNECTIONS": "4000", "STREAMWISE_MAX_CLIENT_CONNECTIONS": "3000"}
    with demo_server.served({**room, "STREAMWISE_HEARTBEAT_SECONDS": "600", **settings}) as started:
        yield Server(f"http://127.0.0.1:{started.port}/api", started.pid)


@contextmanager
def bare(recording: Path) -> Iterator[Server]:
    """`tests.bench.bare`, which plays back what ours once said."""
    with demo_server.served(command=("-m", "tests.bench.bare", str(recording))) as started:
        yield Server(f"http://127.0.0.1:{started.port}/api", started.pid)


@contextmanager
def peer() -> Iterator[Server]:
    """`langgraph dev` with its defaults, on a graph of ours.

    Raises:
        AssertionError: it did not come up; with what it said.
    """
    command = _installed() / "langgraph"
    with tempfile.TemporaryDirectory() as folder:
        config = {"dependencies": ["."], "graphs": {"agent": "tests.bench.peer_graph:graph"}}
        Path(folder, "langgraph.json").write_text(json.dumps(config))
        port = free_port()
        options = ("dev", "--no-browser", "--no-reload", "--host", "127.0.0.1", "--port", str(port))
        log, environment = Path(folder, "log"), {**os.environ, **QUIET, "PYTHONPATH": str(ROOT)}
        with log.open("ab") as output:
            watcher = supervised.start([str(command), *options], output, Path(folder), environment)
        try:
            url = f"http://127.0.0.1:{port}"
            wait_until_answered(watcher, f"{url}/ok", log)
            yield Server(url, _watched(watcher))
        finally:
            supervised.stop(watcher)


def peer_is_installed() -> bool:
    """Whether LangGraph's server is here, in these versions."""
    return STAMP.is_file() and STAMP.read_text() == PINS.read_text()


def _installed() -> Path:
    """The folder of the peer's commands; installs them where they are not, or not in these versions."""
    commands = PEER / ("Scripts" if os.name == "nt" else "bin")
    if not peer_is_installed():
        print(f"installing LangGraph's development server into {PEER.relative_to(ROOT)}, once", flush=True)
        venv.create(PEER, with_pip=True, clear=True)
        pip = [str(commands / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--require-hashes", "-r", str(PINS)], check=True, capture_output=True)
        STAMP.write_text(PINS.read_text())
    return commands


def _watched(watcher: subprocess.Popen[bytes]) -> int:
    """The process that a watcher has started, as Linux lists it."""
    (found,) = Path(f"/proc/{watcher.pid}/task/{watcher.pid}/children").read_text().split()
    return int(found)
