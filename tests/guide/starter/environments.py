"""Environments that hold what a project's lock says and nothing else: one a lock, for all tests of a run."""

from __future__ import annotations

import fcntl
import hashlib
import re
import subprocess
import sys
from pathlib import Path

from tests.patience import seconds

INSTALL_S = seconds(400)
NO_REGISTRY = r"(?i)connection (error|refused|broken)|newconnectionerror|failed to (resolve|fetch)|dns error|timed out"


class NoRegistry(Exception):
    """No package registry answers here."""


def python_of(lock: Path, shared: Path) -> Path:
    """The interpreter of the environment of a lock.

    Args:
        lock: the project's requirements.lock.
        shared: a folder that all tests of this run have; whoever comes first makes the environment.

    Raises:
        NoRegistry: the packages cannot be had.
    """
    folder = shared / f"environment-{hashlib.sha256(lock.read_bytes()).hexdigest()[:12]}"
    python = folder / "bin" / "python"
    with folder.with_suffix(".lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not (folder / "whole").exists():
            uv = [sys.executable, "-m", "uv"]
            install = ["pip", "install", "--quiet", "--require-hashes", "--python", str(python), "-r", str(lock)]
            for command in (["venv", "--quiet", "--clear", "--python", sys.executable, str(folder)], install):
                done = subprocess.run([*uv, *command], capture_output=True, text=True, timeout=INSTALL_S)
                if done.returncode and re.search(NO_REGISTRY, done.stdout + done.stderr):
                    raise NoRegistry
                assert done.returncode == 0, done.stdout + done.stderr
            (folder / "whole").touch()
    return python
