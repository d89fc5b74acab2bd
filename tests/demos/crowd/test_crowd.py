"""A crowd in a real room, on a server of its own process."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from demos.__main__ import main
from demos.crowd.crowd import Crowd, Place, rehearse
from demos.crowd.server_process import ServerProcess
from demos.crowd.summary import summed
from demos.processes.demo_server import served
from tests.demos.process_table import HAS_PROC, MARK, marked, new_mark
from tests.demos.toys import until
from tests.patience import milliseconds, seconds

ROOT = Path(__file__).parents[3]
PEOPLE = 20


@pytest.mark.quiet
def test_twenty_people_lose_nothing_in_a_room_that_is_cut() -> None:
    """Bounds are some ten times what was measured: they are for mistakes, `make bench ARGS=room` is for figures."""
    with served() as child:
        place = Place(f"http://127.0.0.1:{child.port}/api", process=ServerProcess(child.pid))
        played = asyncio.run(rehearse(Crowd(PEOPLE, naive_share=0.1, asleep=0.05, stuck=0.05), place))
        is_known = ServerProcess(child.pid).memory_mb() is not None
    found = summed(played)
    shown = json.dumps(found.as_json(), indent=1)
    assert found.good, shown
    assert (found.joined, found.failed_joins, found.unheard, found.refusals) == (PEOPLE, 0, 0, {}), shown
    assert [(one.name, one.tokens, one.cut) for one in found.rounds] == [
        ("plain", 120, False), ("drop", 120, True), ("resume", 120, True)
    ], shown  # fmt: skip
    kept, resumed = found.rounds[1], found.rounds[2]
    assert (kept.resuming.people, kept.naive.people) == (0, PEOPLE)
    assert (resumed.resuming.people, resumed.naive.people) == (PEOPLE - 2, 2)
    assert kept.naive.lost >= PEOPLE, "the naive WebSocket loses the rest of the answer"
    assert kept.naive.repeated >= PEOPLE, "an event stream without ids begins again"
    for figure, most in (
        (found.told_p95_ms, 1_000), (found.cut_last_ms, 1_000), (found.join_p95_ms, 2_000),
        (found.back["sse"], 4_000), (found.back["websocket"], 2_000),
    ):  # fmt: skip
        assert figure is not None, shown
        assert figure < milliseconds(most), shown
    if is_known:
        assert found.cpu_share is not None
        assert set(found.memory_mb) == {"before", "joined", "after"}
    sleepers = [person for person in played.people if person.manner.asleep]
    assert len(sleepers) == 1
    assert sleepers[0].player.rounds[1].away
    assert sleepers[0].number, "it came back as the same person"
    assert all(person.ended for person in played.people)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--people", "0"],
        ["--people", "1001"],
        ["--naive", "101"],
        ["--code", "ABC234"],
        ["--code", "ABC234", "--secret", "s"],
        ["--url", "http://127.0.0.1:9", "--secret", "s"],
        ["--attend", "--url", "http://127.0.0.1:9"],
        ["--attend", "--code", "ABC234"],
        ["--attend", "--url", "http://127.0.0.1:9", "--code", "ABC234", "--secret", "s"],
        ["--attend", "--url", "http://127.0.0.1:9", "--code", "ABC234", "--rounds", "1"],
        ["--minutes", "3"],
    ],
)
def test_mistakes_end_with_status_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["room", *arguments])
    assert capsys.readouterr().err


def test_a_server_that_does_not_answer_is_one_sentence() -> None:
    # In a process: it lowers its own priority, which cannot be taken back.
    command = [sys.executable, "-m", "demos", "room", "--people", "1", "--url", "http://127.0.0.1:9"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=seconds(60))
    assert ran.returncode == 1
    assert ran.stderr.startswith("The room does not answer as it should: ")
    assert len(ran.stderr.splitlines()) == 1


def test_a_rehearsal_that_is_stopped_leaves_no_open_room() -> None:
    async def stopped(api: str) -> None:
        going_on = asyncio.create_task(rehearse(Crowd(1), Place(api)))
        async with httpx.AsyncClient() as http:
            while "streamwise_rooms 1" not in (await http.get(f"{api}/metrics")).text:
                assert not going_on.done()
                await asyncio.sleep(0.02)
            going_on.cancel()
            await asyncio.gather(going_on, return_exceptions=True)
            assert "streamwise_rooms 0" in (await http.get(f"{api}/metrics")).text

    with served() as child:
        asyncio.run(asyncio.wait_for(stopped(f"http://127.0.0.1:{child.port}/api"), seconds(30)))


@HAS_PROC
def test_ctrl_c_ends_a_rehearsal_and_its_server() -> None:
    mark = new_mark()
    command = [sys.executable, "-m", "demos", "room", "--people", "3"]
    crowd = subprocess.Popen(
        command, cwd=ROOT, env=os.environ | {MARK: mark}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        until(lambda: any("demos serve" in line for line in marked(mark).values()))
        crowd.send_signal(signal.SIGINT)
        said, errors = crowd.communicate(timeout=seconds(30))
    finally:
        crowd.kill()
    assert crowd.returncode == 130, errors
    assert (said, errors) == ("", "")
    until(lambda: not marked(mark))


def test_a_process_that_is_not_known_has_no_figures() -> None:
    assert dataclasses.astuple(ServerProcess()) == (0,)
    for unknown in (ServerProcess(), ServerProcess(2**22 + 1)):
        assert (unknown.cpu_s(), unknown.memory_mb()) == (None, None)
