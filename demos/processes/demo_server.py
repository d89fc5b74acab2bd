"""Starts the demo server as a child process, isolated from this one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from demos.processes import supervised

ROOT = Path(__file__).parents[2]
START_S = 30.0
MODEL = "STREAMWISE_MODEL"
"""Prefix of the environment variables of a real model."""
SERVE = ("-m", "demos", "serve")


class NotStarted(RuntimeError):
    """The demo server is not up. `said`: what it has written, such as which of its settings is wrong."""

    def __init__(self, how: str, said: str) -> None:
        self.said = said.strip()
        super().__init__(f"the demo server {how}. It said: {self.said[-2000:]}")


@dataclass
class Child:
    """A child server: starting, running or ended. `process`, its watcher, ends the server even if we are killed."""

    process: subprocess.Popen[bytes]
    output: Path
    port: int = 0
    pid: int = 0
    """Process id of the server itself; `process` is its watcher."""

    def said(self) -> str:
        """Return its output so far. Written to a file, as a full pipe would block it."""
        return self.output.read_text(encoding="utf-8", errors="replace")

    def wait_until_up(self) -> None:
        """Wait until the server has printed its port.

        Raises:
            NotStarted: it ended, or took too long; with its output.
        """
        ends = time.monotonic() + START_S
        while time.monotonic() < ends and self.process.poll() is None:
            if found := re.search(r"http://[^ ]+:(\d+)/api, process (\d+)\n", self.said()):
                self.port, self.pid = int(found[1]), int(found[2])
                return
            time.sleep(0.02)
        how = f"did not start within {START_S:g} s" if self.process.poll() is None else "ended before it was up"
        raise NotStarted(how, self.said())

    def end(self) -> None:
        """Stop the server by a signal; kill it if that takes too long."""
        supervised.stop(self.process)


def scripted() -> dict[str, str]:
    """Return our environment without the settings of a real model, since measurements must cost no money."""
    return {name: value for name, value in os.environ.items() if not name.startswith(MODEL)}


@contextmanager
def served(
    environment: Mapping[str, str] | None = None, port: int = 0, command: Sequence[str] = SERVE
) -> Iterator[Child]:
    """Run a server while the block lasts. By default with the scripted model, since measurements must cost no money.

    Port 0: any free one. `command`: arguments of Python, by default to serve the demos; the port is appended.

    Raises:
        NotStarted: it did not start.
    """
    with tempfile.TemporaryDirectory(prefix="streamwise-") as folder:
        log = Path(folder, "log")
        # Read by name, not through this descriptor, whose file position the server shares.
        with log.open("ab") as output:
            variables = {**scripted(), **(environment or {})}
            child = Child(
                supervised.start([sys.executable, *command, "--port", str(port)], output, ROOT, variables), log
            )
        try:
            child.wait_until_up()
            yield child
        finally:
            child.end()
