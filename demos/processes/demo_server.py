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
"""What the settings of a real model begin with."""
SERVE = ("-m", "demos", "serve")


@dataclass
class Child:
    """A server that is being started, up, or over. `process` is its watcher: the server ends even if we are killed."""

    process: subprocess.Popen[bytes]
    output: Path
    port: int = 0
    pid: int = 0
    """Of the server itself; `process` is what watches it."""

    def said(self) -> str:
        """All that it has written. Into a file, as a full pipe would stop it."""
        return self.output.read_text(encoding="utf-8", errors="replace")

    def wait_until_up(self) -> None:
        """Until it has named its port.

        Raises:
            RuntimeError: it ended, or took too long; with what it said.
        """
        ends = time.monotonic() + START_S
        while time.monotonic() < ends and self.process.poll() is None:
            if found := re.search(r"http://[^ ]+:(\d+)/api, process (\d+)\n", self.said()):
                self.port, self.pid = int(found[1]), int(found[2])
                return
            time.sleep(0.02)
        raise RuntimeError(f"the demo server did not start within {START_S:g} s. It said: {self.said()[-2000:]}")

    def end(self) -> None:
        """By its own signal handling; by force if that takes too long."""
        supervised.stop(self.process)


def scripted() -> dict[str, str]:
    """Our environment, without a real model: to measure must cost nothing."""
    return {name: value for name, value in os.environ.items() if not name.startswith(MODEL)}


@contextmanager
def served(
    environment: Mapping[str, str] | None = None, port: int = 0, command: Sequence[str] = SERVE
) -> Iterator[Child]:
    """A server that lives as long as the block. Scripted unless told otherwise: to measure must cost nothing.

    Port 0: any free one. `command` is what Python is told, if not to serve the demos alone; the port follows it.

    Raises:
        RuntimeError: it did not start.
    """
    with tempfile.TemporaryDirectory(prefix="streamwise-") as folder:
        log = Path(folder, "log")
        # Read by its name and not through this descriptor: the place where the server writes is shared with it.
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
