"""The starter's terminal clients, started as a user starts them."""

from __future__ import annotations

import os
import subprocess
import sys

from guide.book import KNOWLEDGE

CLIENT = KNOWLEDGE / "starter" / "client"


def environment() -> dict[str, str]:
    """Short pauses, and no proxy of this machine between two of its own ports."""
    left = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
    return left | {"PYTHONIOENCODING": "utf-8", "PAUSE_SECONDS": "0.00001", "SILENCE_SECONDS": "60"}


def started(client: str, url: str, *more: str) -> subprocess.Popen[str]:
    """A client whose standard input is no terminal."""
    return subprocess.Popen(
        [sys.executable, str(CLIENT / f"terminal_{client}.py"), "--url", url, *more],
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
