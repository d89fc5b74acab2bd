"""The queue, with a small program in place of the measurement; then the real command line, killed in the middle."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from demos.evidence import Store
from demos.lab.queue import Measurements, Requested, command_line
from demos.limits import Limits
from demos.protocol.errors import Refusal
from tests.demos.lab.reports import PRINT, REPORT
from tests.demos.measurements import ONE
from tests.demos.process_table import HAS_PROC, alive
from tests.demos.toys import WAIT_S, until
from tests.known import known

FOR_EVER = "import time; print('on', flush=True); time.sleep(600)"


@asynccontextmanager
async def running(code: str, **limits: int) -> AsyncIterator[Measurements]:
    """Experiments whose command is a small program."""
    made = Measurements(Limits(**limits), Store(10), lambda *_: [sys.executable, "-c", code])
    try:
        yield made
    finally:
        await made.close()


async def over(experiment: Requested) -> None:
    async with asyncio.timeout(WAIT_S):
        while not known(experiment.job).over.is_set():
            await asyncio.sleep(0.01)


def scene(play: Callable[[Measurements], Awaitable[None]], code: str, **limits: int) -> None:
    async def played() -> None:
        async with running(code, **limits) as experiments:
            await play(experiments)

    asyncio.run(played())


def test_it_is_what_somebody_would_type() -> None:
    typed = "-m demos measure drop --runs 3 --seed 7 --format json"
    assert command_line("drop", 3, 7) == [sys.executable, *typed.split()]


def test_two_who_ask_at_once_both_get_a_result_one_after_the_other() -> None:
    async def play(experiments: Measurements) -> None:
        first, second = experiments.ask("drop", 1, 4, "a"), experiments.ask("drop", 1, 4, "b")
        assert (second.state, experiments.as_dict(second)["ahead"]) == ("waiting", 1)
        assert experiments.as_dict(first)["ahead"] == 0
        await over(second)
        assert (first.state, second.state) == ("done", "done")
        told = experiments.as_dict(second)
        assert told["report"] == json.loads(REPORT)
        kept = experiments._store.find(told["evidence_id"])
        assert (kept.scenario, kept.seed, kept.runs, kept.measurements) == ("drop", 4, 1, (ONE,))
        assert kept.how.startswith("Measured without a browser, in a separate process")

    scene(play, PRINT)


def test_what_is_too_much_is_refused_with_a_reason() -> None:
    async def play(experiments: Measurements) -> None:
        for asked, status in (((0, 1), 400), ((11, 1), 400), ((1, -1), 400)):
            with pytest.raises(Refusal, match="Allowed") as caught:
                experiments.ask("drop", *asked, "a")
            assert caught.value.status == status
        for client, status in (("a", 0), ("a", 0), ("a", 429), ("b", 0), ("c", 503)):
            if not status:
                experiments.ask("drop", 1, 1, client)
                continue
            with pytest.raises(Refusal, match="limit") as caught:
                experiments.ask("drop", 1, 1, client)
            assert caught.value.status == status
        with pytest.raises(Refusal, match="restart forgets"):
            experiments.find("nosuch")

    scene(play, FOR_EVER, experiments=3, client_experiments=2)


def test_results_are_bounded_and_the_oldest_makes_room() -> None:
    async def play(experiments: Measurements) -> None:
        asked = [experiments.ask("drop", 1, 1, str(n)) for n in range(3)]
        for one in asked:
            await over(one)
        with pytest.raises(Refusal):
            experiments.find(known(asked[0].job).id)
        assert experiments.find(known(asked[2].job).id) is asked[2]

    scene(play, PRINT, experiment_results=2)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise SystemExit('the demo server did not start')", "status 1. It said: the demo server did not start"),
        ("print('not json')", "without a report"),
        ("print('{}')", "could not be measured"),
        ("raise SystemExit(3)", "It said: nothing"),
    ],
)
def test_one_that_fails_says_why_and_the_next_one_has_its_turn(code: str, said: str) -> None:
    async def play(experiments: Measurements) -> None:
        first, second = experiments.ask("drop", 1, 1, "a"), experiments.ask("drop", 1, 1, "b")
        await over(second)
        assert (first.state, second.state) == ("failed", "failed")
        assert said in first.failure

    scene(play, code)


def test_one_that_takes_too_long_is_ended_with_all_that_it_started() -> None:
    async def play(experiments: Measurements) -> None:
        asked = experiments.ask("drop", 1, 1, "a")
        await over(asked)
        assert "longer than 1 s" in asked.failure

    scene(play, FOR_EVER, experiment_seconds=1)


@HAS_PROC
def test_the_end_of_the_app_ends_the_measurement_and_what_it_started(tmp_path: Path) -> None:
    """The measurement starts a process of its own, as the real one starts a demo server."""
    pids = tmp_path / "pids"
    code = (
        "import os, subprocess, sys, time; from pathlib import Path\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"Path({str(pids)!r}).write_text(f'{{os.getpid()}} {{child.pid}}'); time.sleep(600)"
    )

    async def play(experiments: Measurements) -> None:
        experiments.ask("drop", 1, 1, "a")
        waits = experiments.ask("drop", 1, 1, "b")
        async with asyncio.timeout(WAIT_S):
            while not pids.exists() or not pids.read_text():
                await asyncio.sleep(0.01)
        await experiments.close()
        assert waits.state == "waiting"
        with pytest.raises(Refusal):
            experiments.ask("drop", 1, 1, "c")

    scene(play, code)
    for pid in pids.read_text().split():
        until_gone(int(pid))


@HAS_PROC
def test_nothing_survives_an_app_that_is_killed() -> None:
    """The real command line, with the demo server that it starts, below an app that dies without a word."""
    app = "from demos.serve import serve; serve('127.0.0.1', 0)"
    with subprocess.Popen([sys.executable, "-c", app], stdout=subprocess.PIPE, cwd=Path(__file__).parents[3]) as parent:
        api = known(re.search(r"http://\S+/api", known(parent.stdout).readline().decode()))[0]
        post = f"import httpx; print(httpx.post('{api}/experiments', json={{'scenario': 'drop', 'runs': 10}}).text)"
        asked = subprocess.run([sys.executable, "-c", post], capture_output=True, text=True)
        assert '"running"' in asked.stdout or '"waiting"' in asked.stdout, asked
        until(lambda: len(below(parent.pid)) == 4)  # a watcher and the measurement, a watcher and the server
        children = below(parent.pid)
        parent.send_signal(signal.SIGKILL)
        parent.wait(10)
    for pid in children:
        until_gone(pid)


def until_gone(pid: int) -> None:
    until(lambda: not alive(pid))


def below(pid: int) -> set[int]:
    """Every process below this one, read from the system."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found, new = set[int](), {pid}
    while new:
        new = {one for one, parent in parents.items() if parent in new} - found
        found |= new
    return found


def test_the_loop_turns_while_something_is_measured() -> None:
    """Streams are served by the same loop: nothing in it waits for the process."""

    async def play(experiments: Measurements) -> None:
        asked, turns = experiments.ask("drop", 1, 1, "a"), 0
        while not known(asked.job).over.is_set():
            await asyncio.sleep(0.005)
            turns += 1
        assert turns > 20

    scene(play, f"import time; time.sleep(0.5); {PRINT}")
