"""What a probe might have seen, made up: for tests of judgements."""

from __future__ import annotations

import dataclasses
from typing import Any

from demos.probe.agent_streams import AT_ONCE, LARGE, SHORT, AgentStreams
from demos.probe.reach import Reached
from demos.probe.reading import Asked, Reading
from demos.probe.run import PACE, RESUMED, Seen
from demos.proxies.trials import TRANSPORTS, Transport

ABOUT = {"target": "streamwise-probe/1", "server": "uvicorn 0.54.0", "app": "starlette 1.10.0", "http": "1.1"}
REACHED = Reached("http://here", (), 200, {}, ABOUT, 12.0, None)
SILENT = Asked(n=2, gap_ms=0, silence_ms=20_000)
LONG = Asked(n=40, gap_ms=500)
BEGUN = Asked(n=2, gap_ms=20, run=7)


def read(way: Transport, asked: Asked, upto: int | None = None, lump: int = 1, **given: Any) -> Reading:
    """A stream that came in bursts of so many events, to its end or `upto` an event."""
    found = Reading(way, asked, status=200, headers={"transfer-encoding": "chunked"}, started=0.0)
    numbers = range(asked.since + 1, (asked.n if upto is None else upto) + 1)
    for seq in numbers:
        after = asked.gap_ms * seq + (asked.silence_ms if seq > 1 else 0)
        last = min(-(-seq // lump) * lump, numbers.stop - 1)
        found.seq.append(seq)
        found.sent.append(1e9 + after)
        found.at.append(10.0 + asked.gap_ms * last + (asked.silence_ms if last > 1 else 0))
    found.ended = found.heard = found.at[-1] if found.at else 0.0
    return dataclasses.replace(found, **given)


def later(found: Reading) -> Reading:
    """The same stream, sent at a later moment."""
    return dataclasses.replace(found, sent=[sent + 5000 for sent in found.sent])


def cut(way: Transport, asked: Asked, upto: int, after_s: float, **given: Any) -> Reading:
    """A stream that was cut so many seconds after its first event."""
    found = read(way, asked, upto)
    return dataclasses.replace(found, why="reset", ended=found.at[0] + after_s * 1000, **given)


def seen(**given: Any) -> Seen:
    """All well, but for what is given."""
    well: dict[str, Any] = {
        "reached": REACHED,
        "silence_s": 20.0,
        "long_s": 20.0,
        "pace": {way: read(way, PACE) for way in TRANSPORTS},
        "bare": later(read("sse", PACE)),
        "resumed": {way: read(way, RESUMED) for way in TRANSPORTS},
        "silent": {way: read(way, SILENT) for way in TRANSPORTS},
        "beating": {way: {ms: read(way, SILENT) for ms in (10_000, 5000, 2500)} for way in TRANSPORTS},
        "long": {way: read(way, LONG) for way in TRANSPORTS},
        "large": {way: read(way, LARGE, size=LARGE.size + 100) for way in TRANSPORTS},
        "late": {5.0: dataclasses.replace(read("sse", Asked(1, 5000)), opened_ms=9.0)},
        "agents": AgentStreams(
            dataclasses.replace(read("sse", PACE), raw=[50.0 * n for n in range(1, 41)]),
            read("sse", PACE),
            tuple(read("sse", SHORT) for _ in range(AT_ONCE)),
            read("sse", BEGUN),
            tuple(read("sse", dataclasses.replace(BEGUN, n=4, since=2)) for _ in range(3)),
            True,
        ),
        "http2": None,
        "same": False,
        "rest": {},
        "requests": 15,
        "seconds": 30.0,
    }
    for name, value in given.items():
        well[name] = {**well[name], **value} if isinstance(value, dict) else value
    return Seen(**well)
