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

from demos.probe.budget import PACE_S, at_once
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
LARGE = Asked(n=2, gap_ms=50, size=1_200_000)
"""Above 1 MiB, where several libraries end by default."""
SOON_S = (2.0, 5.0)
"""Seconds until the first event of an answer that takes a while, as the model or a tool does."""
LATEST_GAP_MS = 10_000
"""The longest gap that every target allows; a target that knows no `first_ms` waits so long."""
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


def read(reader: Reader, pace: Asked, knows: bool) -> AgentStreams:
    """Read all of them but those that mostly wait. Where the event stream does not open, nothing is tried."""
    begun, run = None, secrets.randbelow(2**53 - 1) + 1
    elsewhere: Sequence[Reading | None] = ()
    browser = _read(partial(reader.read, "sse", pace, Manner(codings=AS_BROWSERS, raw=True)), flows)
    post = _read(partial(reader.read, "sse", pace, Manner("POST")), one_by_one) if knows else None
    together = at_once([partial(reader.read, "sse", SHORT)] * AT_ONCE, reader.bears_s(SHORT) + 1)
    if knows:
        begun = at_once([partial(reader.read, "sse", Asked(n=2, gap_ms=20, run=run))], reader.patience_s)[0]
        again = partial(reader.read, "sse", Asked(n=4, gap_ms=20, since=2, run=run))
        elsewhere = [at_once([again], reader.patience_s)[0] for _ in range(VISITS)]
    return AgentStreams(browser, post, tuple(together), begun, tuple(elsewhere), knows)


def _read(job: Callable[[], Reading], is_good: Callable[[Reading], bool]) -> Reading | None:
    """Read a pace alone; once more if its result is bad, as a busy machine of ours joins pieces."""
    found = at_once([job], PACE_S)[0]
    for _ in range(AGAIN):
        if found is None or found.refused or is_good(found):
            break
        found = at_once([job], PACE_S)[0] or found
    return found


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
