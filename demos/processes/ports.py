"""Free ports for servers that are started soon, or killed and started again on the same one."""

from __future__ import annotations

import itertools
import os
import socket
import stat
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
    """Return a port that is free, and that no process of this user is given again while this one lives.

    That holds for processes with the same folder for temporary files, where files there can be locked.

    Raises:
        NoFreePort: there is none.
    """
    with _LOOKING:
        for _ in range(len(PORTS)):
            port = next(_CANDIDATES)
            if port not in _GIVEN and _took(port):
                if _is_free(port):
                    _GIVEN.add(port)
                    return port
                _give_back(port)
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
        _file = _opened()
    try:
        fcntl.lockf(_file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except (BlockingIOError, PermissionError):
        return False
    except (OSError, ValueError):  # nothing can be locked there, or there is no file
        return True
    return True


def _give_back(port: int) -> None:
    """Let others have a port that turned out to be in use."""
    with suppress(ImportError, OSError, ValueError):
        import fcntl

        if _file is not None:
            fcntl.lockf(_file, fcntl.LOCK_UN, 1, port)


def _opened() -> int:
    """The file of this user's processes; -1 without one, and for somebody else's, who could lock all of it."""
    path = Path(tempfile.gettempdir(), f"{TAKEN}-{os.getuid()}")
    with suppress(OSError):
        found = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
        about = os.fstat(found)
        if about.st_uid == os.getuid() and stat.S_ISREG(about.st_mode):
            return found
        os.close(found)
    return -1


def _candidates() -> Iterator[int]:
    """Cycle through all ports."""
    ports = len(PORTS)
    first = os.getpid() * int(ports * 0.618) % ports  # processes that were started one after another begin far apart
    return (PORTS[(first + n) % ports] for n in itertools.count())


_LOOKING = threading.Lock()
_CANDIDATES = _candidates()
_GIVEN: set[int] = set()
_file: int | None = None
