from __future__ import annotations

import asyncio
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demos.protocol.events import Draft
from demos.threads.event_log import CROWD, GATHER_S, Gap, MemoryLog
from tests.patience import seconds


def log(events: int = 100, size: int = 10**6, filled: int = 0) -> MemoryLog:
    made = MemoryLog(events, size, epoch="boot", clock=lambda: 1)
    for n in range(filled):
        made.append(Draft("custom", {"name": "n", "payload": n}))
    return made


@given(filled=st.integers(0, 40), kept=st.integers(1, 40), asked=st.integers(0, 60), limit=st.integers(1, 60))
def test_since_gives_what_follows_or_says_why_not(filled: int, kept: int, asked: int, limit: int) -> None:
    made = log(events=kept, filled=filled)
    oldest = max(1, filled - kept + 1)
    if asked > filled or asked < oldest - 1:
        with pytest.raises(Gap) as gap:
            made.since(asked, limit)
        assert gap.value.ahead == (asked > filled)
    else:
        assert [event.seq for event in made.since(asked, limit)] == list(range(asked + 1, filled + 1))[:limit]


def test_bytes_are_bounded_and_the_newest_is_always_kept() -> None:
    made = log(size=500, filled=20)
    assert made.bytes <= 500
    made.append(Draft("custom", {"payload": "x" * 1000}))
    assert [event.seq for event in made.since(20)] == [21]


def test_a_gap_says_what_is_there() -> None:
    with pytest.raises(Gap, match=r"position 1: older events were evicted. The log holds 8 to 10"):
        log(events=3, filled=10).since(1)
    with pytest.raises(Gap, match=r"position 11: it has not been written here"):
        log(filled=10).since(11)


def test_every_waiting_reader_is_woken_and_a_cancelled_one_disturbs_nobody() -> None:
    async def scene() -> list[bool]:
        made = log()
        readers = [asyncio.create_task(made.wait(0)) for _ in range(3)]
        await asyncio.sleep(0)
        readers[0].cancel()
        await asyncio.sleep(0)
        made.append(Draft("custom", {}))
        await asyncio.wait(readers)
        await made.wait(0)
        return [reader.cancelled() for reader in readers]

    assert asyncio.run(scene()) == [True, False, False]


@pytest.mark.parametrize("work_s", [0, 1.5 * GATHER_S / CROWD], ids=["idle readers", "busy readers"])
@pytest.mark.parametrize(("readers", "wakeups"), [(CROWD - 1, 3), (CROWD, 2)])
def test_a_crowd_is_woken_at_once_after_a_pause_and_then_together(readers: int, wakeups: int, work_s: float) -> None:
    """Also where all of its work takes longer than the pause between two wake-ups."""

    async def read(made: MemoryLog, woken: list[int]) -> None:
        cursor = 0
        while cursor < 3:
            await made.wait(cursor)
            cursor = made.last
            woken.append(cursor)
            time.sleep(work_s)  # what sending costs

    async def scene() -> list[int]:
        made, woken = log(), list[int]()
        everybody = [asyncio.create_task(read(made, woken)) for _ in range(readers)]
        await asyncio.sleep(2 * GATHER_S)
        for _ in range(3):
            made.append(Draft("custom", {}))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        await asyncio.wait(everybody, timeout=seconds(5))
        return woken

    woken = asyncio.run(scene())
    assert len(woken) == readers * wakeups
    assert woken[:readers] == [1] * readers, "the first is never late"
    assert woken[-readers:] == [3] * readers
