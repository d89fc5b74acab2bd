"""Reads the streams of agents and of browsers that a plain pace does not show.

A late first token, a large message, an answer to a POST, every coding of a browser, streams at the same time, and a run
that is resumed on another instance.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from demos.probe.budget import IN_TURN_S, PACE_S, SOON_S, at_once
from demos.probe.reading import AS_BROWSERS, Asked, Manner, Reading, one_by_one
from demos.probe.readings import Reader
from demos.protocol.receipts import bursts
from demos.proxies.expected import ONE_BY_ONE

T = TypeVar("T")
AGAIN = 2
"""How often a pace is read again whose result is bad."""
AT_ONCE = 6
"""Streams that are opened at the same time, to see whether they wait for each other."""
SHORT = Asked(n=6, gap_ms=150)
"""One of those opened at the same time. Served one after another, each may take a second more: IN_TURN_S."""
LARGE = Asked(n=2, gap_ms=50, size=1_200_000)
"""Above 1 MiB, where several libraries end by default."""
LATEST_GAP_MS = 10_000
"""The longest gap that every target allows; a target that knows no `first_ms` waits so long."""
EARLY = 0.8
"""Share of the time that a late event must have taken, to count as late."""
VISITS = 3
"""How often a run is resumed, to meet another instance behind the address."""


@dataclass(frozen=True)
class AgentStreams:
    """What was read besides the pace. A reading is None if it was not tried, or took too long."""

    browser: Reading | None
    """The pace, asked for with every coding of a browser."""
    post: Reading | None
    """The answer to a POST."""
    together: tuple[Reading | None, ...]
    """Streams that were opened at the same time."""
    begun: Reading | None
    """A run, of which only the instance that began it knows."""
    elsewhere: tuple[Reading | None, ...]
    """The same run, resumed several times."""
    knows: bool
    """Whether the target knows of late first events, large ones and runs; an older one does not."""


def late(first_s: float) -> dict[float, Asked]:
    """Streams of one event that is late, by seconds."""
    waits = sorted({*(s for s in SOON_S if s < first_s), first_s})
    return {s: Asked(n=1, gap_ms=min(round(s * 1000), LATEST_GAP_MS), first_ms=round(s * 1000)) for s in waits}


def head_waits(found: Reading, wait_s: float) -> bool:
    """Whether the head of a response came about when its only event did, which is sent `wait_s` after it.

    Not how late it came: from afar, or in turn after others, every head is late.
    """
    return found.first_ms is not None and found.first_ms - found.opened_ms < (1 - EARLY) * wait_s * 1000


def soonest_again(reader: Reader, late: dict[float, Reading | None]) -> None:
    """Read the soonest late stream once more, alone, if its head waited: beside the others we may be what is slow."""
    wait_s = min(late, default=0.0)
    found = late.get(wait_s)
    if found and head_waits(found, wait_s):
        again = at_once([partial(reader.read, "sse", found.asked)], reader.bears_s(found.asked))[0]
        late[wait_s] = again if again and again.first_ms is not None else found


def read(reader: Reader, pace: Asked, knows: bool, passes: bool) -> AgentStreams:
    """Read all of them but those that mostly wait. Where the event stream does not open, nothing is tried.

    `knows`: as in `AgentStreams`. `passes`: whether the pace came event by event.
    """
    begun, run = None, secrets.randbelow(2**53 - 1) + 1
    elsewhere: Sequence[Reading | None] = ()
    browser = _read(partial(reader.read, "sse", pace, Manner(codings=AS_BROWSERS, raw=True)), flows)
    post = _read(partial(reader.read, "sse", pace, Manner("POST")), one_by_one) if knows else None
    if knows:
        begun = at_once([partial(reader.read, "sse", Asked(n=2, gap_ms=20, run=run))], reader.patience_s)[0]
        again = partial(reader.read, "sse", Asked(n=4, gap_ms=20, since=2, run=run))
        elsewhere = [at_once([again], reader.patience_s)[0] for _ in range(VISITS)]
    return AgentStreams(browser, post, _together(reader, passes), begun, tuple(elsewhere), knows)


def _read(job: Callable[[], Reading], is_good: Callable[[Reading], bool]) -> Reading | None:
    """Read a pace alone; once more if its result is bad, as a busy machine of ours joins pieces."""
    found = at_once([job], PACE_S)[0]
    for _ in range(AGAIN):
        if found is None or found.refused or is_good(found):
            break
        found = at_once([job], PACE_S)[0] or found
    return found


def _together(reader: Reader, passes: bool) -> tuple[Reading | None, ...]:
    """Streams at the same time; once more if some seemed to wait, as a busy machine of ours opens them one by one.

    Of streams that are held, nobody can say when they ran.
    """
    patient = reader.with_more_patience(IN_TURN_S)
    jobs, within_s = [partial(patient.read, "sse", SHORT)] * AT_ONCE, patient.bears_s(SHORT) + 1
    found = at_once(jobs, within_s)
    if passes and served_at_once(found) < AT_ONCE and not _refused(found):
        again = at_once(jobs, within_s)
        found = found if _refused(again) else max(found, again, key=served_at_once)
    return tuple(found)


def _refused(together: Sequence[Reading | None]) -> bool:
    return any(found.refused for found in together if found)


def served_at_once(together: Sequence[Reading | None]) -> int:
    """How many of the streams ran at the same time."""
    spans = [(found.at[0], found.at[-1]) for found in together if found and found.at]
    return max((sum(begin <= moment <= end for begin, end in spans) for moment, _ in spans), default=0)


def pieces_of(browser: Reading) -> int:
    """In how many pieces a stream arrived of which only the times are known."""
    return bursts(browser.raw, browser.asked.gap_ms / 2)


def flows(browser: Reading) -> bool:
    """Whether the pieces of such a stream arrived about one by one."""
    return pieces_of(browser) >= ONE_BY_ONE * browser.asked.n


def in_groups(jobs: Mapping[T, Callable[[], Reading]], size: int, within_s: float) -> dict[T, Reading | None]:
    """Run jobs, at most `size` at the same time. `within_s`: for each group."""
    names, found = [*jobs], dict[T, Reading | None]()
    for begin in range(0, len(names), size):
        group = names[begin : begin + size]
        found |= zip(group, at_once([jobs[name] for name in group], within_s), strict=True)
    return found
