"""Runs all steps of a probe in order, and collects what they read.

reach --> each transport alone, for its pace --> both together: resume, silence, silence with heartbeats, length
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from demos.probe.budget import LONG_S, PACE_S, PATIENCE_S, SILENCE_S, Budget, at_once
from demos.probe.reach import Reached, reach, trust
from demos.probe.readings import Asked, Reader, Reading
from demos.protocol.receipts import bursts
from demos.proxies.expected import ONE_BY_ONE
from demos.proxies.trials import TRANSPORTS, Transport

PACE = Asked(n=40, gap_ms=50)
BARE = Asked(n=40, gap_ms=50, bare=1)
AGAIN = 2
RESUMED = Asked(n=4, gap_ms=20, since=2)
EVERY_MS = 500
"""Milliseconds between two events of the long stream."""
SHARES = (2, 4, 8, 16, 32)
"""Heartbeats tried: the silence divided by each of these."""
QUICKEST_MS = 100
"""The shortest heartbeat interval that the targets allow, in milliseconds."""


@dataclass(frozen=True)
class Seen:
    """All readings of a probe. A reading is None if the other side took too long."""

    reached: Reached
    silence_s: float
    long_s: float
    pace: Mapping[Transport, Reading | None]
    bare: Reading | None
    """Pace of the event stream without X-Accel-Buffering; None also if not tried."""
    resumed: Mapping[Transport, Reading | None]
    silent: Mapping[Transport, Reading | None]
    beating: Mapping[Transport, Mapping[int, Reading | None]]
    """By heartbeat interval in milliseconds."""
    long: Mapping[Transport, Reading | None]
    rest: Mapping[Transport, Reading | None]
    """The rest of a long stream that was cut; no entry if no event had arrived before the cut."""
    requests: int
    seconds: float


def probe(
    url: str,
    silence_s: float = SILENCE_S,
    long_s: float = LONG_S,
    ca: str | None = None,
    patience_s: float = PATIENCE_S,
) -> Seen:
    """Run all steps of the probe on the target at `url`.

    Args:
        ca: file of certificate authorities to trust in addition to the usual ones.
        patience_s: maximum seconds until a response begins.

    Raises:
        Unreachable: there is nothing to probe.
        OSError: `ca` cannot be read.
    """
    budget, context = Budget(), trust(ca)
    reached = reach(url, budget, context, patience_s)
    reader = Reader(reached.base, budget, context, patience_s)
    pace = {way: _pace(reader, way, PACE) for way in TRANSPORTS}
    bare = _pace(reader, TRANSPORTS[0], BARE) if _passes(pace[TRANSPORTS[0]]) else None
    open_ways = [way for way, reading in pace.items() if reading and not reading.refused]
    beats = [*dict.fromkeys(max(QUICKEST_MS, round(silence_s * 1000 / share)) for share in SHARES)]
    found = _together(reader, open_ways, silence_s, long_s, beats)
    long = {way: found[way, "long"] for way in open_ways}
    return Seen(
        reached,
        silence_s,
        long_s,
        pace,
        bare,
        resumed={way: found[way, "resumed"] for way in open_ways},
        silent={way: found[way, "silent"] for way in open_ways},
        beating={way: {ms: found[way, ms] for ms in beats} for way in open_ways},
        long=long,
        rest=_rest(reader, long),
        requests=budget.made,
        seconds=budget.seconds,
    )


def _passes(event_stream: Reading | None) -> bool:
    return event_stream is not None and not event_stream.refused and one_by_one(event_stream)


def _together(
    reader: Reader, ways: Sequence[Transport], silence_s: float, long_s: float, beats: Sequence[int]
) -> dict[tuple[Transport, str | int], Reading | None]:
    """Read the streams that mostly wait, in parallel; keys: (transport, name or heartbeat interval in ms)."""
    silent = Asked(n=2, gap_ms=0, silence_ms=round(silence_s * 1000))
    asked: dict[str | int, Asked] = {
        "resumed": RESUMED,
        "silent": silent,
        "long": Asked(n=max(2, math.ceil(long_s * 1000 / EVERY_MS)), gap_ms=EVERY_MS),
        **{ms: replace(silent, heartbeat_ms=ms) for ms in beats},
    }
    keys = [(way, name) for way in ways for name in asked]
    jobs: list[Callable[[], Reading]] = [partial(reader.read, way, asked[name]) for way, name in keys]
    return dict(zip(keys, at_once(jobs, max(silence_s, long_s) + 1.5 * reader.patience_s), strict=True))


def _pace(reader: Reader, way: Transport, asked: Asked) -> Reading | None:
    """Measure the pace alone, since it is about times; repeat a bad result, as a busy machine of ours joins pieces."""
    ends = time.monotonic() + PACE_S
    found = at_once([partial(reader.read, way, asked)], PACE_S)[0]
    for _ in range(AGAIN):
        left_s = ends - time.monotonic()
        if found is None or found.refused or one_by_one(found) or left_s < asked.seconds:
            break
        found = at_once([partial(reader.read, way, asked)], left_s)[0] or found
    return found


def one_by_one(found: Reading) -> bool:
    """Whether the events arrived in about as many pieces as the target sent."""
    apart_ms = found.asked.gap_ms / 2
    return bursts(found.at, apart_ms) >= ONE_BY_ONE * bursts(found.sent, apart_ms)


def _rest(reader: Reader, long: Mapping[Transport, Reading | None]) -> dict[Transport, Reading | None]:
    """Request the next events after a cut; only a few, as the stream would be cut again."""
    cut = [(way, found) for way, found in long.items() if found and found.cut_s is not None and found.seq]
    asked = [Asked(n=found.seq[-1] + 2, gap_ms=20, since=found.seq[-1]) for _, found in cut]
    jobs = [partial(reader.read, way, one) for (way, _), one in zip(cut, asked, strict=True)]
    return dict(zip([way for way, _ in cut], at_once(jobs, reader.patience_s), strict=True))
