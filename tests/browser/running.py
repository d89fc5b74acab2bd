"""The real app in a child process, started as a user starts it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from demos.processes.ports import free_port
from tests.patience import seconds

ROOT = Path(__file__).parents[2]
START_S = seconds(60)
END_S = seconds(30)
"""An open stream once made the end hang for ever; alone on a machine it takes well under a second now."""


@contextmanager
def running_app(
    log: Path,
    environment: Mapping[str, str] | None = None,
    port: int | None = None,
    base: str = "",
    script: str = "app.py",
) -> Iterator[str]:
    """Within it the app serves; gives its address. What it prints goes to `log`. `environment` is added to ours.

    `port`: a certain one, such as that of an app before it. `base`: the path in front of all others. `script`: another
    app than ours.

    Raises:
        AssertionError: it did not start, did not end on SIGTERM, or logged a traceback.
    """
    port = port or free_port()
    command = [sys.executable, "-m", "streamlit", "run", script]
    command += ["--server.address", "127.0.0.1", "--server.port", str(port)]
    command += ["--server.baseUrlPath", base] if base else []
    url = f"http://127.0.0.1:{port}/{base}".rstrip("/")
    with log.open("wb") as out:
        app = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | dict(environment or {}), stdout=out, stderr=subprocess.STDOUT
        )
    try:
        wait_until_answered(app, f"{url}/_stcore/health", log)
        yield url
        app.send_signal(signal.SIGTERM)
        try:
            app.wait(END_S)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"The app did not end within {END_S:g} s of SIGTERM. Its log:\n{_text(log)}") from None
        assert "Traceback" not in _text(log), _text(log)
    finally:
        app.kill()
        app.wait()


def wait_until_answered(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    """Wait until an address answers with 200.

    Raises:
        AssertionError: the process ended or took too long; with what it has logged.
    """
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(url, timeout=1).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)  # between two looks at the door, not a guess at how long the start takes
    raise AssertionError(f"{url} did not answer within {START_S:g} s. The log:\n{_text(log)}")


def _text(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")
