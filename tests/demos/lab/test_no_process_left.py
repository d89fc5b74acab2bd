"""Real measurements with real Chromiums, ended in each of the ways there are: nothing of them is left."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from demos.clients.chromium import find
from demos.evidence import Store
from demos.lab.queue import Measurements
from demos.limits import Limits
from tests.demos.own_thread import in_own_thread
from tests.demos.process_table import HAS_PROC, MARK, marked, new_mark
from tests.demos.toys import WAIT_S, until

ROOT = Path(__file__).parents[3]
SCENARIO = "tabs"
"""Its measurement starts a demo server and a Chromium."""
pytestmark = [HAS_PROC, pytest.mark.browser, pytest.mark.skipif(find() is None, reason="no Chromium")]


def with_browser(mark: str) -> bool:
    """Whether the measurement has come so far that its browser is up."""
    return sum("--type=" in command for command in marked(mark).values()) >= 2 and profiles(mark) != set()


def profiles(mark: str) -> set[Path]:
    """The folders that its browsers keep their profiles in."""
    return {Path(found[1]) for line in marked(mark).values() if (found := re.search(r"--user-data-dir=(\S+)", line))}


def gone(mark: str, folders: set[Path]) -> None:
    until(lambda: not marked(mark))
    assert folders
    until(lambda: not any(folder.exists() for folder in folders))


async def met(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(6 * WAIT_S):
        while not await asyncio.to_thread(holds):
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("turn", range(4))
def test_ended_by_its_time_limit(turn: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit strikes once the browser is up, however slow the machine is."""
    monkeypatch.setenv(MARK, mark := new_mark())

    async def play() -> None:
        seconds = [0.0]
        queue = Measurements(Limits(), Store(1), clock=lambda: seconds[0])
        asked = queue.ask(SCENARIO, 1, turn, "a")
        await met(lambda: with_browser(mark))
        folders = profiles(mark)
        seconds[0] = Limits().experiment_seconds + 1.0
        await met(lambda: asked.state == "failed")
        assert "took longer" in asked.failure
        await asyncio.to_thread(gone, mark, folders)
        await queue.close()

    in_own_thread(asyncio.run, play())


@pytest.mark.parametrize("turn", range(3))
def test_ended_by_the_shutdown_of_the_app(turn: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MARK, mark := new_mark())

    async def play() -> None:
        queue = Measurements(Limits(), Store(1))
        queue.ask(SCENARIO, 1, turn, "a")
        await met(lambda: with_browser(mark))
        folders = profiles(mark)
        await queue.close()
        await asyncio.to_thread(gone, mark, folders)

    in_own_thread(asyncio.run, play())


@pytest.mark.parametrize("turn", range(3))
def test_ended_by_kill_9_of_the_app(turn: int) -> None:
    mark = new_mark()
    app = [sys.executable, "-m", "demos", "serve", "--port", "0"]
    with subprocess.Popen(app, stdout=subprocess.PIPE, cwd=ROOT, env=os.environ | {MARK: mark}) as parent:
        try:
            assert parent.stdout is not None
            served = re.search(r"http://\S+/api", parent.stdout.readline().decode())
            assert served
            asked = {"scenario": SCENARIO, "runs": 1, "seed": turn}
            assert httpx.post(f"{served[0]}/experiments", json=asked, trust_env=False).status_code == 202
            in_own_thread(asyncio.run, met(lambda: with_browser(mark)))
            folders = profiles(mark)
        finally:
            parent.kill()
    gone(mark, folders)
