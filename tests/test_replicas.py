"""The kills and the soak of several servers, in their short form."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from demos.processes.engine_server import program
from demos.proxies import catalog
from tests.patience import factor, seconds

ROOT = Path(__file__).parents[1]
pytestmark = [pytest.mark.engine, pytest.mark.proxy]


def ran(*words: str) -> str:
    if program() is None or not catalog.binaries("nginx"):
        pytest.skip("no engine or no nginx on this machine")
    command = [sys.executable, "-m", "tests.replicas", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=seconds(200))
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_short_kills() -> None:
    assert "1 of 1 right" in ran("kills", "--proxy", "nginx", "--count", "1")


def test_the_short_soak() -> None:
    # A slow machine needs longer until all is as before; a second blow within that time is more than is promised.
    every = round(3 * factor())
    told = ran("soak", "--seconds", f"{6 * every}", "--streams", "3", "--rate", "20", "--every", f"{every}")
    assert " 0 tokens lost, 0 repeated, 0 not right, 0 not served" in told
    assert all(blow in told for blow in ("killed", "1 frozen", "1 engine away", "1 engine restarts"))
