"""Starts a server that is to be probed, probes it in a few seconds, and picks what tests ask of the result."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from demos.probe.result import Result, judged
from demos.probe.run import probe
from demos.processes.ports import free_port
from guide.book import book
from tests.demos.probe.servers import answers
from tests.demos.toys import until

HERE = Path(__file__).parent


@contextmanager
def running(
    port: int, *command: object, folder: Path = HERE, environment: Mapping[str, str] | None = None
) -> Iterator[int]:
    """A process that listens on a port, ended with the block. `environment`: added to ours."""
    server = subprocess.Popen([*map(str, command)], cwd=folder, env={**os.environ, **(environment or {})})
    try:
        until(lambda: answers(port) or server.poll() is not None)
        assert server.poll() is None
        yield port
    finally:
        server.terminate()
        server.wait()


@contextmanager
def faulty_path(name: str, *upstream: int) -> Iterator[int]:
    """A path of faulty_paths.py in front of targets."""
    port = free_port()
    with running(port, sys.executable, "faulty_paths.py", name, port, *upstream) as there:
        yield there


@contextmanager
def faulty_target(name: str) -> Iterator[int]:
    """A target of faulty_targets.py."""
    port = free_port()
    options = ("--log-level", "warning", "--no-server-header")
    with running(port, sys.executable, "-m", "uvicorn", f"faulty_targets:{name}", "--port", port, *options) as there:
        yield there


def probed(port: int, first_s: float = 2, ca: Path | None = None) -> Result:
    """What the probe says of a port, in short waits. `ca`: the authority to trust, where the port speaks TLS."""
    url = f"{'https' if ca else 'http'}://127.0.0.1:{port}"
    return judged(book(), url, probe(url, silence_s=1.5, long_s=1, first_s=first_s, ca=str(ca) if ca else None))


def bad(result: Result) -> set[str]:
    return {one.outcome for one in result.findings if one.verdict == "bad"}


def advice(result: Result, outcome: str) -> str:
    """All settings that are told to mend an outcome."""
    return " ".join(fix.setting for one in result.findings if one.outcome == outcome for fix in one.fixes)
