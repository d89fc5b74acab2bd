"""A real Valkey on a free port, which a test may kill, freeze and start again, with or without its data."""

from __future__ import annotations

import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from demos.processes.engine_server import answers, command, program
from demos.processes.ports import free_port
from tests.demos.toys import until

__all__ = ["RunningEngine", "program", "running_engine"]


class RunningEngine:
    """One engine process."""

    def __init__(self, folder: Path, is_kept: bool) -> None:
        """`is_kept`: whether it writes to the disk what it is told."""
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._folder, self._is_kept = folder, is_kept
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        found = program()
        assert found is not None
        kept = ["--appendonly", "yes", "--appendfsync", "always"] if self._is_kept else []
        started = [*command(found, self.port, str(self._folder)), *kept]
        self._process = subprocess.Popen(started, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(lambda: answers(self.port))

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def freeze(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)


@contextmanager
def running_engine(is_kept: bool = False) -> Iterator[RunningEngine]:
    with tempfile.TemporaryDirectory(prefix="streamwise-engine-") as folder:
        engine = RunningEngine(Path(folder), is_kept)
        engine.start()
        try:
            yield engine
        finally:
            engine.wake()
            engine.kill()
