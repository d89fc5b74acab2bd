"""A path that holds events and then catches up is found, and a machine that stops is not taken for one."""

from __future__ import annotations

import dataclasses
import math
import random
import re
from typing import Any, cast

import pytest

from demos.probe.agent_findings import late_ms
from demos.probe.agent_streams import AGAIN
from demos.probe.findings import findings
from demos.probe.outcomes import Finding
from demos.probe.reading import LATE_MS, Asked, Reading, catch_up, one_by_one
from demos.probe.readings import Reader
from demos.probe.run import PACE, _pace
from guide.book import book
from tests.demos.probe.seen import later, read, seen

WELL = read("sse", PACE)
HELD = ("lumps-late", "bad")


def came(at: list[float]) -> Reading:
    return dataclasses.replace(WELL, at=at)


def gathered(held_ms: float, gap_ms: float, first: int = 0) -> Reading:
    """A path that holds from this event on, and passes on what it has faster than it was sent."""
    at = list[float]()
    for n, plain in enumerate(WELL.at):
        at.append(plain if n < first else plain + held_ms if n == first else max(plain, at[-1] + gap_ms))
    return came(at)


def stopped(pace: Reading, first: int, stop_ms: float) -> Reading:
    """The same, read by a machine that stood still once, from this event on."""
    until = pace.at[first] + stop_ms
    return came([max(at, until) if n >= first else at for n, at in enumerate(pace.at)])


def stopping(pace: Reading, every_ms: float, stop_ms: float) -> Reading:
    """The same, read by a machine that stands still again and again, as one does of which we have a share."""
    return came([max(at, at // every_ms * every_ms + stop_ms) for at in pace.at])


def judged(pace: Reading) -> Finding:
    """What the probe says of the pace of an event stream."""
    told = findings(book(), seen(pace={"sse": pace, "websocket": read("websocket", PACE)}), ())
    of_paces = ("streams-singly", "streams-lumps", "streams-held", "lumps-late")
    return next(one for one in told if one.transport == "sse" and one.outcome in of_paces)


@pytest.mark.parametrize(
    "pace",
    [
        gathered(600, 34),
        gathered(300, 40),
        gathered(500, 26),
        *(gathered(600, 34, first) for first in (1, 4, 8, 14, 20, 22)),
        stopped(gathered(400, 38), 30, 400),
        stopped(gathered(600, 34), 30, 500),
        stopping(gathered(600, 34), 40, 30),
        stopping(gathered(600, 34), 70, 20),
    ],
)
def test_a_path_that_holds_and_catches_up_is_found_wherever_it_begins(pace: Reading) -> None:
    assert one_by_one(pace)
    told = judged(pace)
    assert (told.outcome, told.verdict) == HELD
    late, gap, source = map(int, re.findall(r"(\d+) ms", told.sentence))
    assert late > LATE_MS
    assert gap < source


@pytest.mark.parametrize("first", [0, 1, 4, 10, 20, 30, 33, 39])
@pytest.mark.parametrize("stop_ms", [300, 450, 600])
def test_a_machine_that_stood_still_once_blames_no_path(first: int, stop_ms: float) -> None:
    pace = stopped(WELL, first, stop_ms)
    assert judged(pace).outcome == "streams-singly"


@pytest.mark.parametrize("first", [0, 5, 20])
@pytest.mark.parametrize("at_first", [1, 2, 4, 6])
@pytest.mark.parametrize("pause_ms", [26, 40, 90])
def test_what_waited_for_a_stop_may_come_in_two_pieces(first: int, at_first: int, pause_ms: float) -> None:
    pace = stopped(WELL, first, 450)
    until = pace.at[first] + pause_ms
    split = came([max(at, until) if n >= first + at_first else at for n, at in enumerate(pace.at)])
    assert one_by_one(split)
    assert judged(split).outcome == "streams-singly"


@pytest.mark.parametrize("round_ms", [30, 50])
def test_a_packet_that_is_sent_again_brings_what_waited_in_larger_and_larger_pieces(round_ms: float) -> None:
    pace = stopped(WELL, 10, 500)
    for first in (11, 13, 17):  # one event, two more, four more
        pace = stopped(pace, first, round_ms)
    assert one_by_one(pace)
    assert judged(pace).outcome == "streams-singly"


@pytest.mark.parametrize("period_ms", [1500, 2000])
@pytest.mark.parametrize("phase", [0, math.pi, 1.5 * math.pi])
def test_a_queue_that_fills_and_drains_holds_nothing(period_ms: float, phase: float) -> None:
    def late(at: float) -> float:
        return 200 + 200 * math.sin(2 * math.pi * at / period_ms + phase)

    pace = came([at + late(at) for at in WELL.at])
    assert late_ms(pace) > LATE_MS
    assert judged(pace).outcome == "streams-singly"


def test_single_events_that_are_late_by_chance_blame_no_path() -> None:
    chance, singly, are_late = random.Random(1), 0, 0
    for _ in range(400):
        at = list[float]()
        for plain in WELL.at:
            spike = chance.uniform(0, 500) if chance.random() < 0.08 else chance.uniform(0, 10)
            at.append(max([plain + spike, *at[-1:]]))
        if one_by_one(came(at)):
            singly += 1
            are_late += late_ms(came(at)) > LATE_MS
            assert catch_up(came(at)) is None
    assert singly > 100
    assert are_late > 100


@pytest.mark.parametrize("count", range(6))
def test_a_few_events_say_nothing(count: int) -> None:
    pace = gathered(600, 34)
    assert catch_up(dataclasses.replace(pace, at=pace.at[:count], sent=pace.sent[:count])) is None


def test_the_clocks_need_not_agree() -> None:
    assert catch_up(later(WELL)) is None
    assert catch_up(later(gathered(600, 34))) == catch_up(gathered(600, 34))


class Readings:
    """A reader that has these paces in turn."""

    def __init__(self, *paces: Reading) -> None:
        self.left = [*paces]

    def read(self, transport: str, asked: Asked, *_: Any) -> Reading:
        return self.left.pop(0)


def test_what_seems_held_is_read_again() -> None:
    reader = Readings(gathered(600, 34), WELL)
    assert _pace(cast(Reader, reader), "sse", PACE) == WELL
    again = Readings(*[gathered(600, 34)] * 9)
    assert catch_up(cast(Reading, _pace(cast(Reader, again), "sse", PACE)))
    assert len(again.left) == 9 - 1 - AGAIN
