"""What a round has shown: spreads, who was connected when, predictions against what came, one sentence. Pure."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any

from demos.rooms.counting import TRANSPORTS, Counted, Transport, median
from demos.rooms.round import Round

STEP_MS = 100.0
LONGEST_MS = 60_000.0
FIGURES = ("first_token_ms", "longest_gap_ms", "back_ms")

Room = Mapping[int, Mapping[Transport, Counted]]


def spread(played: Round) -> Room:
    """Whose figures count: everybody who was there from the beginning to the end, with the page in view."""
    return {number: counted for number, counted in played.counted.items() if number not in played.away}


def own(played: Round, number: int) -> dict[str, Any] | None:
    """Figures of one person, for its own screen; None before its receipt was counted."""
    counted = played.counted.get(number)
    if counted is None:
        return None
    late = played.lateness().get(number, {})
    return {name: _figures(counted.get(name), late.get(name)) for name in TRANSPORTS}


def _figures(one: Counted | None, late: float | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "tokens": one.tokens,
        "lost": one.lost,
        "repeated": one.repeated,
        "first_token_ms": one.first_token_ms,
        "lateness_p95_ms": late,
        "longest_gap_ms": one.longest_gap_ms,
        "back_ms": one.back_ms,
        "cuts": one.cuts,
    }


def strips(played: Round) -> dict[str, dict[Transport, list[float]]]:
    """Figure -> transport -> the values of all people, sorted: who is who cannot be seen."""
    room = spread(played)
    late = [of for number, of in played.lateness().items() if number in room]
    found: dict[str, dict[Transport, list[float]]] = {
        name: {transport: _values(room, transport, name) for transport in TRANSPORTS} for name in FIGURES
    }
    found["lateness_p95_ms"] = {
        transport: sorted(of[transport] for of in late if transport in of) for transport in TRANSPORTS
    }
    return found


def _values(room: Room, transport: Transport, name: str) -> list[float]:
    values = (getattr(counted[transport], name) for counted in room.values() if transport in counted)
    return sorted(value for value in values if value is not None)


def timeline(room: Room, cut_ms: float | None) -> dict[str, Any]:
    """Share of people who are connected, every STEP_MS from the run's beginning until all are back."""
    edges = [
        edge for counted in room.values() for one in counted.values() for down in one.downs for edge in down if edge
    ]
    until = min(LONGEST_MS, max([*edges, (cut_ms or 0) + 2_000, 3_000.0]) + 1_000)
    shares: dict[str, list[float]] = {}
    for transport in TRANSPORTS:
        ones = [counted[transport] for counted in room.values() if transport in counted]
        ones = [one for one in ones if not one.blocked]
        shares[transport] = _connected(ones, int(until / STEP_MS) + 1) if ones else []
    return {"step_ms": STEP_MS, "cut_ms": cut_ms, **shares}


def _connected(ones: Sequence[Counted], steps: int) -> list[float]:
    """Share of these who are connected at each step: what changes at a step is added up, so that it takes no longer
    for many cuts."""
    changes = [0] * (steps + 1)
    for one in ones:
        free = 0
        for start, end in sorted(one.downs):
            first = max(free, math.ceil(max(start, 0.0) / STEP_MS))
            free = steps if end is None else max(free, math.ceil(end / STEP_MS))
            if first < min(free, steps):
                changes[first] += 1
                changes[min(free, steps)] -= 1
    down = itertools.accumulate(changes[:steps])
    return [round(1 - count / len(ones), 3) for count in down]


def totals(room: Room, name: str) -> dict[Transport, dict[str, int]]:
    """Tokens lost, or repeated, and by how many people."""
    found: dict[Transport, dict[str, int]] = {}
    for transport in TRANSPORTS:
        values = [getattr(counted[transport], name) for counted in room.values() if transport in counted]
        found[transport] = {"tokens": sum(values), "people": sum(value > 0 for value in values)}
    return found


def medians(played: Round) -> dict[Transport, dict[str, Any]]:
    """The median of each figure over each transport."""
    return played.worked_out("medians", lambda: _medians(played))


def _medians(played: Round) -> dict[Transport, dict[str, Any]]:
    room, found = spread(played), strips(played)
    return {
        transport: {name: median(values[transport]) for name, values in found.items()}
        | {name: median(_values(room, transport, name)) for name in ("lost", "repeated", "tokens", "cuts", "bytes")}
        for transport in TRANSPORTS
    }
