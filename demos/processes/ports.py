"""Free ports for servers that are started soon, or killed and started again on the same one."""

from __future__ import annotations

import itertools
import os
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

PORTS = range(20_000, 30_000)
"""Below the range for outgoing connections: one of these could take the port before the server is up."""
TAKEN = "streamwise-ports"


class NoFreePort(RuntimeError):
    """Every port is in use, or was given to another process of this user."""


def free_port() -> int:
    """Return a port that is free, and that no other process of this user is given while this one lives.

    Raises:
        NoFreePort: there is none.
    """
    with _LOOKING:
        for _ in range(len(PORTS)):
            port = next(_CANDIDATES)
            if _took(port) and _is_free(port):
                return port
    raise NoFreePort(f"No port from {PORTS.start} to {PORTS.stop - 1} is free.")


def _is_free(port: int) -> bool:
    with suppress(OSError):
        socket.create_server(("127.0.0.1", port)).close()
        return True
    return False


def _took(port: int) -> bool:
    """Whether no other process has it: each locks one byte per port of a file, and the system unlocks for the dead."""
    try:
        import fcntl  # not on every system
    except ImportError:
        return True
    global _file
    if _file is None:
        path = Path(tempfile.gettempdir(), f"{TAKEN}-{os.getuid()}")
        with suppress(OSError):  # somebody else's file, or nothing can be written there
            _file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    if _file is None:
        return True
    try:
        fcntl.lockf(_file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    return True


def _candidates() -> Iterator[int]:
    """Cycle through all ports, so that a port is not reused at once."""
    ports = len(PORTS)
    first = os.getpid() * int(ports * 0.618) % ports  # processes that were started one after another begin far apart
    return (PORTS[(first + n) % ports] for n in itertools.count())


_LOOKING = threading.Lock()
_CANDIDATES = _candidates()
_file: int | None = None
