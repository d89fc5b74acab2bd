"""Runs all steps of a probe in order, and collects what they read.

reach --> each transport alone, for its pace --> as browsers and agents ask --> what mostly waits, together
Where streams wait for each other, what mostly waits is read in turn.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from demos.probe import agent_streams
from demos.probe.agent_streams import AgentStreams, in_groups, late, served_at_once
from demos.probe.budget import FIRST_S, LONG_S, PACE_S, PATIENCE_S, SILENCE_S, Budget, at_once
from demos.probe.reach import Reached, asked_again, reach, trust
from demos.probe.reading import Asked, Reading, catch_up, one_by_one
from demos.probe.readings import Reader
from demos.proxies.trials import TRANSPORTS, Transport

Name = str | int
"""Of a stream that mostly waits: a word, or the interval of its heartbeats in ms."""
PACE = Asked(n=40, gap_ms=50)
BARE = Asked(n=40, gap_ms=50, bare=1)
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
    large: Mapping[Transport, Reading | None]
    """Streams with a message of more than a megabyte."""
    late: Mapping[float, Reading | None]
    """Event streams whose first event is late, by seconds."""
    agents: AgentStreams | None
    """None: the event stream did not open."""
    http2: Reading | None
    """The pace of the event stream over HTTP/2; None if that is not offered, or could not be tried."""
    same: bool
    """Whether the target's description was the same at a later moment, so that it came from a cache."""
    rest: Mapping[Transport, Reading | None]
    """The rest of a long stream that was cut; no entry if no event had arrived before the cut."""
    requests: int
    seconds: float


@dataclass(frozen=True)
class Waits:
    """How long the streams wait that mostly wait, in seconds."""

    silence_s: float
    long_s: float
    first_s: float

    @property
    def beats(self) -> list[int]:
        """Heartbeat intervals to try, in ms."""
        return [*dict.fromkeys(max(QUICKEST_MS, round(self.silence_s * 1000 / share)) for share in SHARES)]

    def asked(self, ways: Sequence[Transport], knows: bool) -> dict[tuple[Transport, Name], Asked]:
        """The streams; keys: (transport, name). `knows`: whether the target knows of large events."""
        silent = Asked(n=2, gap_ms=0, silence_ms=round(self.silence_s * 1000))
        asked: dict[Name, Asked] = {
            "resumed": RESUMED,
            "silent": silent,
            "long": Asked(n=max(2, math.ceil(self.long_s * 1000 / EVERY_MS)), gap_ms=EVERY_MS),
        }
        if knows:
            asked["large"] = agent_streams.LARGE
        beating: dict[Name, Asked] = {ms: replace(silent, heartbeat_ms=ms) for ms in self.beats}
        found = {(way, name): one for name, one in asked.items() for way in ways}
        if "sse" in ways:
            found |= {("sse", f"late {s:g}"): one for s, one in late(self.first_s).items()}
        return found | {(way, ms): one for ms, one in beating.items() for way in ways}


def probe(
    url: str,
    silence_s: float = SILENCE_S,
    long_s: float = LONG_S,
    ca: str | None = None,
    patience_s: float = PATIENCE_S,
    first_s: float = FIRST_S,
) -> Seen:
    """Run all steps of the probe on the target at `url`.

    Args:
        ca: file of certificate authorities to trust in addition to the usual ones.
        patience_s: maximum seconds until a response begins.
        first_s: seconds until the latest first event that is tried.

    Raises:
        Unreachable: there is nothing to probe.
        OSError: `ca` cannot be read.
    """
    budget, context = Budget(), trust(ca)
    reached = reach(url, budget, context, patience_s)
    reader = Reader(reached.base, budget, context, patience_s)
    pace = {way: _pace(reader, way, PACE) for way in TRANSPORTS}
    bare = _pace(reader, TRANSPORTS[0], BARE) if _passes(pace[TRANSPORTS[0]]) else None
    return _seen(reader, reached, pace, bare, Waits(silence_s, long_s, first_s))


def _seen(
    reader: Reader, reached: Reached, pace: Mapping[Transport, Reading | None], bare: Reading | None, waits: Waits
) -> Seen:
    """Read all that the pace does not show."""
    ways = [way for way, reading in pace.items() if reading and not reading.refused]
    knows, passes = "instance" in reached.about, _passes(pace["sse"])
    agents = agent_streams.read(reader, PACE, knows, passes) if "sse" in ways else None
    # Of a stream that is held, nobody can say when it ran.
    at_a_time = served_at_once(agents.together) if agents and passes else agent_streams.AT_ONCE
    found = _waiting(reader, waits.asked(ways, knows), at_a_time)

    late_streams = {s: found.get(("sse", f"late {s:g}")) for s in late(waits.first_s)} if agents else {}
    if passes:
        agent_streams.soonest_again(reader, late_streams)

    def named(name: Name) -> dict[Transport, Reading | None]:
        return {way: found.get((way, name)) for way in ways}

    return Seen(
        reached,
        waits.silence_s,
        waits.long_s,
        pace,
        bare,
        resumed=named("resumed"),
        silent=named("silent"),
        beating={way: {ms: found.get((way, ms)) for ms in waits.beats} for way in ways},
        long=named("long"),
        large=named("large"),
        late=late_streams,
        agents=agents,
        http2=_over_http2(reader) if reached.offers_h2 and agents else None,
        same=knows and asked_again(reached, reader) == reached.about.get("now_ms"),
        rest=_rest(reader, named("long")),
        requests=reader.budget.made,
        seconds=reader.budget.seconds,
    )


def _passes(event_stream: Reading | None) -> bool:
    return event_stream is not None and not event_stream.refused and one_by_one(event_stream)


def _waiting(
    reader: Reader, waits: Mapping[tuple[Transport, Name], Asked], at_a_time: int
) -> dict[tuple[Transport, Name], Reading | None]:
    """Read them in parallel; in turn where streams wait for each other, and then without heartbeats."""
    jobs: dict[tuple[Transport, Name], Callable[[], Reading]] = {
        key: partial(reader.read, key[0], asked) for key, asked in waits.items()
    }
    longest_s = max((asked.seconds for asked in waits.values()), default=0.0)
    within_s = longest_s + 1.5 * reader.patience_s
    if at_a_time >= agent_streams.AT_ONCE:
        return in_groups(jobs, max(1, len(jobs)), within_s)
    first = {key: job for key, job in jobs.items() if not isinstance(key[1], int)}
    return in_groups(first, max(1, at_a_time), within_s)


def _over_http2(reader: Reader) -> Reading | None:
    """The pace over HTTP/2; None where the library for it is not installed, which only the tests and proxies need."""
    try:
        from demos.probe import http2_stream
    except ImportError:
        return None
    asked = partial(http2_stream.read, reader.base, PACE, reader.budget, reader.context, reader.patience_s)
    return at_once([asked], PACE_S)[0]


def _pace(reader: Reader, way: Transport, asked: Asked) -> Reading | None:
    """Measure the pace alone, since it is about times; repeat a bad result, as a busy machine of ours makes some."""
    ends = time.monotonic() + PACE_S
    found = at_once([partial(reader.read, way, asked)], PACE_S)[0]
    for _ in range(agent_streams.AGAIN):
        left_s = ends - time.monotonic()
        # Nobody asks whether a bare pace was held.
        is_good = found is not None and one_by_one(found) and (bool(asked.bare) or catch_up(found) is None)
        if found is None or found.refused or is_good or left_s < asked.seconds:
            break
        found = at_once([partial(reader.read, way, asked)], left_s)[0] or found
    return found


def _rest(reader: Reader, long: Mapping[Transport, Reading | None]) -> dict[Transport, Reading | None]:
    """Request the next events after a cut; only a few, as the stream would be cut again."""
    cut = [(way, found) for way, found in long.items() if found and found.cut_s is not None and found.seq]
    asked = [Asked(n=found.seq[-1] + 2, gap_ms=20, since=found.seq[-1]) for _, found in cut]
    jobs = [partial(reader.read, way, one) for (way, _), one in zip(cut, asked, strict=True)]
    return dict(zip([way for way, _ in cut], at_once(jobs, reader.patience_s), strict=True))
