"""What the system says of processes: who runs, and which carry a mark in their environment. Reads /proc."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

HAS_PROC = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc, which this platform lacks")
MARK = "STREAMWISE_TEST_MARK"
"""A variable that is inherited by everything that is started below."""


def new_mark() -> str:
    """A value of MARK that no other process has."""
    return uuid.uuid4().hex


def alive(pid: int) -> bool:
    """Whether it still runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def marked(mark: str) -> dict[int, str]:
    """Every process that was started with this mark, whoever its parent is now: its id and its command line."""
    wanted, found = f"{MARK}={mark}".encode(), {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (folder / "environ").read_bytes().split(b"\0") and alive(int(folder.name)):
                found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
    return found
