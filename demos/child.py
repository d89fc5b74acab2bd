"""The demo server as a child process of its own: nothing that happens to it, or because of it, happens to us."""

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
from typing import IO

ROOT = Path(__file__).parent.parent
START_S = 30.0
END_S = 5.0
MODEL = "STREAMWISE_MODEL"
"""What the settings of a real model begin with."""
SERVE = ("-m", "demos", "serve")


@dataclass
class Child:
    """A server that is being started, up, or over."""

    process: subprocess.Popen[bytes]
    output: IO[bytes]
    port: int = 0

    def said(self) -> str:
        """All that it has written. Into a file, as a full pipe would stop it."""
        self.output.seek(0)
        return self.output.read().decode(errors="replace")

    def wait_until_up(self) -> None:
        """Until it has named its port.

        Raises:
            RuntimeError: it ended, or took too long; with what it said.
        """
        ends = time.monotonic() + START_S
        while time.monotonic() < ends and self.process.poll() is None:
            if found := re.search(r"http://[^ ]+:(\d+)/api\n", self.said()):
                self.port = int(found[1])
                return
            time.sleep(0.02)
        raise RuntimeError(f"the demo server did not start within {START_S:g} s. It said: {self.said()[-2000:]}")

    def end(self) -> None:
        """By its own signal handling; by force if that takes too long."""
        self.process.terminate()
        try:
            self.process.wait(END_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(END_S)


def _start(command: Sequence[str], variables: Mapping[str, str], output: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, *command], cwd=ROOT, env=variables, stdout=output, stderr=output)


@contextmanager
def served(
    environment: Mapping[str, str] | None = None, port: int = 0, command: Sequence[str] = SERVE
) -> Iterator[Child]:
    """A server that lives as long as the block. Scripted unless told otherwise: to measure must cost nothing.

    Port 0: any free one. `command` is what Python is told, if not to serve the demos alone; the port follows it.

    Raises:
        RuntimeError: it did not start.
    """
    with tempfile.TemporaryFile() as output:
        ours = {name: value for name, value in os.environ.items() if not name.startswith(MODEL)}
        variables = {**ours, **(environment or {})}
        child = Child(_start([*command, "--port", str(port)], variables, output), output)
        try:
            child.wait_until_up()
            yield child
        finally:
            child.end()
