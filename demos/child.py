"""The demo server as a child process of its own: nothing that happens to it, or because of it, happens to us."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from demos import lifeline

ROOT = Path(__file__).parent.parent
START_S = 30.0
END_S = 5.0
MODEL = "STREAMWISE_MODEL"
"""What the settings of a real model begin with."""


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
        finally:
            if self.process.stdin is not None:
                self.process.stdin.close()


def inherited() -> dict[str, str]:
    """Ours, for a child that ends with us and asks no real model: to measure must cost nothing."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(MODEL)}
    return ours | lifeline.ENVIRONMENT


@contextmanager
def served(environment: Mapping[str, str] | None = None, port: int = 0) -> Iterator[Child]:
    """A server that lives as long as the block, and not longer than we do. Scripted unless told otherwise.

    Port 0: any free one.

    Raises:
        RuntimeError: it did not start.
    """
    command = [sys.executable, "-m", "demos", "serve", "--port", str(port)]
    with tempfile.TemporaryFile() as output:
        variables = inherited() | dict(environment or {})
        process = subprocess.Popen(
            command, cwd=ROOT, env=variables, stdin=subprocess.PIPE, stdout=output, stderr=output
        )
        child = Child(process, output)
        try:
            child.wait_until_up()
            yield child
        finally:
            child.end()
