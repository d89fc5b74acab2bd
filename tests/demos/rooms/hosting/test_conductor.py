"""The room's clock: pages hear of whoever has gone without a word."""

from __future__ import annotations

import asyncio
import time

import pytest

from demos.rooms.hosting.conductor import Conductor
from demos.rooms.hosting.links import Link
from demos.rooms.people import AWAY_S, PRESENTER_AWAY_S
from demos.server.backend import Backend
from tests.demos.rooms.rooms import room


@pytest.fixture
def conductor() -> Conductor:
    return Conductor(room("15min", people=2), Backend())


def hears(conductor: Conductor, link: Link, now: float) -> bool:
    """Whether a page is told something at that time."""
    link.news.clear()
    conductor.tick(now)
    return link.news.is_set()


def test_the_wall_and_phones_hear_that_the_presenter_has_gone(conductor: Conductor) -> None:
    with conductor.link("wall", None) as wall, conductor.link("attendee", 1) as phone:
        with conductor.link("lead", None):
            conductor.tick(time.monotonic())
        gone = time.monotonic()
        assert not hears(conductor, phone, gone)
        assert conductor.state("attendee", 1)["presenter"] == "here"
        wall.news.clear()
        assert hears(conductor, phone, gone + PRESENTER_AWAY_S + 1)
        assert wall.news.is_set()
        assert not hears(conductor, phone, gone + PRESENTER_AWAY_S + 2), "once is enough"


def test_screens_hear_that_somebody_has_gone_and_phones_do_not(conductor: Conductor) -> None:
    with conductor.link("wall", None) as wall, conductor.link("attendee", 1) as phone:
        with conductor.link("attendee", 2):
            conductor.room.people[2].links = 1
        gone = time.monotonic()
        conductor.tick(gone)
        assert not hears(conductor, wall, gone + AWAY_S - 1)
        phone.news.clear()
        assert hears(conductor, wall, gone + AWAY_S + 1)
        assert not phone.news.is_set()


def test_a_room_is_alone_only_while_no_page_of_it_is_open(conductor: Conductor) -> None:
    assert conductor.alone_since == conductor.room.opened, "nobody has come yet"
    with conductor.link("lead", None):
        assert conductor.alone_since is None
        with conductor.link("attendee", 1):
            pass
        assert conductor.alone_since is None
        conductor.seen("attendee", 2)
        assert conductor.alone_since is None
    assert conductor.alone_since is not None
    before = conductor.alone_since
    conductor.seen("attendee", 2)  # a page that asks again and again, as nothing streams to it
    assert conductor.alone_since >= before


def test_a_clock_that_fails_goes_on(
    conductor: Conductor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ticks: list[float] = []

    def tick(now: float) -> None:
        ticks.append(now)
        if len(ticks) == 1:
            raise RuntimeError("out of order")
        conductor.room.phase = "ended"

    async def scene() -> None:
        monkeypatch.setattr(conductor, "tick", tick)
        conductor.begin()
        while len(ticks) < 2:
            await asyncio.sleep(0.005)  # between two looks

    asyncio.run(scene())
    assert "the clock of a room failed" in caplog.text
