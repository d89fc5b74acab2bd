"""Simulated people in a room that somebody else leads, on a server of its own process."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from demos.crowd.attending import Attending
from demos.crowd.cli import stay_as_text
from demos.crowd.crowd import Crowd
from demos.crowd.lead import Lead
from demos.crowd.room_client import RoomClient, State, open_http
from demos.crowd.summary import Summary, summed
from demos.processes.demo_server import served
from tests.patience import seconds

ROOT = Path(__file__).parents[3]
PEOPLE = 3


@pytest.fixture(scope="module")
def api() -> Iterator[str]:
    with served() as child:
        yield f"http://127.0.0.1:{child.port}/api"


async def until(room: RoomClient, secret: str, holds: Callable[[State], bool]) -> State:
    async with asyncio.timeout(seconds(60)):
        while not holds(state := await room.state(secret)):
            await asyncio.sleep(0.05)  # between two looks
    return state


async def led(api: str) -> tuple[Summary, list[int]]:
    """Play one round with people who attend, and end the room."""
    async with open_http(api) as http:
        room, keys = await RoomClient.open(http, api, "15min")
        secret, joined = keys["secret"], list[int]()
        attending = Attending(Crowd(PEOPLE), api, room.code.lower())
        staying = asyncio.create_task(attending.stay(seconds(120), joined.append))
        state = await until(room, secret, lambda now: now["counts"]["here"] == PEOPLE)
        await room.do(secret, "next", state["turn"])
        state = await until(room, secret, lambda now: now["counts"]["predicted"] == PEOPLE)
        await room.do(secret, "next", state["turn"])
        state = await until(room, secret, lambda now: now["phase"] == "reveal")
        assert state["counts"]["simulated"] == PEOPLE
        await room.do(secret, "end", state["turn"])
        await asyncio.wait_for(staying, seconds(30))
        return summed(attending.played), joined


def test_people_play_what_somebody_else_leads_and_go_when_the_room_ends(api: str) -> None:
    found, joined = asyncio.run(led(api))
    text = stay_as_text(found)
    assert joined == [PEOPLE]
    assert found.good, text
    assert [(one.name, one.tokens, one.resuming.people) for one in found.rounds] == [("plain", 120, PEOPLE)], text
    assert f"{PEOPLE} of {PEOPLE} simulated people joined" in text
    assert "Round 1, plain: 120 tokens; lost 0" in text


async def stopped(api: str) -> None:
    async with open_http(api) as http:
        room, keys = await RoomClient.open(http, api, "15min")
        joined = list[int]()
        await Attending(Crowd(1), api, room.code).stay(seconds(3), joined.append)
        assert joined == [1]
        assert (await room.state(keys["secret"]))["people"] == 0, "they have left after their time"
        with attends(api, room.code) as crowd:
            assert crowd.stdout is not None
            line = await asyncio.to_thread(crowd.stdout.readline)
            assert line.startswith(f"{PEOPLE} of {PEOPLE} simulated people are in. They stay until the room ends")
            assert (await room.state(keys["secret"]))["people"] == PEOPLE
            crowd.send_signal(signal.SIGINT)
            said, errors = await asyncio.to_thread(crowd.communicate, timeout=seconds(30))
        assert (crowd.returncode, errors) == (0, ""), said
        assert "Rounds: 0. Lost: 0 tokens." in said
        assert (await room.state(keys["secret"]))["people"] == 0


@contextmanager
def attends(api: str, code: str) -> Iterator[subprocess.Popen[str]]:
    """In a process: it lowers its own priority, which cannot be taken back. It does not outlive the block."""
    command = [sys.executable, "-m", "demos", "room", "--attend", "--url", api, "--code", code, "--people", str(PEOPLE)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def test_people_leave_after_their_time_and_at_ctrl_c(api: str) -> None:
    asyncio.run(stopped(api))


def test_a_code_that_is_wrong_is_tried_once(api: str) -> None:
    with attends(api, "ABC234") as crowd:
        said, errors = crowd.communicate(timeout=seconds(60))
    assert (crowd.returncode, errors) == (1, "")
    nobody, why = said.splitlines()
    assert nobody == "Nobody could join."
    assert why.endswith("(404)")


async def pressed(api: str) -> tuple[Lead, list[bool]]:
    """Buttons that mean nothing in the lobby, and one of a turn that has gone by."""
    async with open_http(api) as http:
        room, keys = await RoomClient.open(http, api, "15min")
        lead = Lead(room, keys["secret"], [], lambda: None)
        lead.state = await room.state(keys["secret"])
        taken = [await lead._do("drop"), await lead._do("go_on"), await lead._do("next"), await lead._do("next")]
        await lead.end()
        return lead, taken


def test_a_cut_that_the_room_has_made_and_a_turn_gone_by_are_no_failures(api: str) -> None:
    lead, taken = asyncio.run(pressed(api))
    assert taken == [False, False, True, False]
    (failure,) = lead.failures
    assert failure.startswith("go_on: ")
