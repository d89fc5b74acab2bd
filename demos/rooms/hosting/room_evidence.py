"""A round of a room as evidence for a decision record: medians of all browsers, with the least and the most of each."""

from __future__ import annotations

from collections.abc import Sequence

from demos import evidence
from demos.protocol.errors import Refusal
from demos.rooms.counting import TRANSPORTS, Counted, Transport, median
from demos.rooms.findings import spread
from demos.rooms.people import FEWEST
from demos.rooms.round import Round
from guide.book import book
from guide.model import Evidence, Measurement, Spread

FIGURES = ("next_word_ms", "lateness_p95_ms")
"""Figures that no other measurement has. Their labels stand in the book as `figure.NAME`."""


def round_evidence(played: Round, simulated: int = 0) -> Evidence:
    """Put a round on record, marked as told by so many browsers.

    Raises:
        Refusal: fewer than five people's figures: they could be told apart.
    """
    words, room = book().words, spread(played)
    told = [name for name in TRANSPORTS if sum(name in counted for counted in room.values()) >= FEWEST]
    if not told:
        raise Refusal(409, "too_few", f"{len(room)} people's figures are here. Allowed: those of {FEWEST} or more.")
    how = words["room.evidence.how"].format(browsers=len(room), round=words[f"room.round.{played.kind.id}.watch"])
    return evidence.make(
        f"room_{played.kind.id}",
        f"{words['room.evidence.title']}: {words[f'room.round.{played.kind.id}.title']}",
        f"{how} {words['room.evidence.simulated'].format(n=simulated)}" if simulated else how,
        [_measurement(played, transport) for transport in told],
        played.seed,
        where=words["room.evidence.where"],
    )


def _measurement(played: Round, transport: Transport) -> Measurement:
    room = spread(played)
    ones = {number: counted[transport] for number, counted in room.items() if transport in counted}
    late = [of[transport] for number, of in played.lateness().items() if number in ones and transport in of]
    back = [one.back_ms for one in ones.values() if one.back_ms is not None]
    values = {
        "first_token_ms": [one.first_token_ms for one in ones.values() if one.first_token_ms is not None],
        "gap_max_ms": [one.longest_gap_ms for one in ones.values() if one.longest_gap_ms is not None],
        "lost": [float(one.lost) for one in ones.values()],
        "repeated": [float(one.repeated) for one in ones.values()],
        "lateness_p95_ms": late,
        "next_word_ms": back,
    }
    return Measurement(
        transport=transport,
        client=f"{len(ones)} browsers",
        tokens=_middle([one.tokens for one in ones.values()]),
        first_token_ms=median(values["first_token_ms"]),
        gap_max_ms=median(values["gap_max_ms"]),
        events=_middle([one.tokens for one in ones.values()]),
        lost=_middle([one.lost for one in ones.values()]),
        repeated=_middle([one.repeated for one in ones.values()]),
        reconnects=_middle([one.cuts for one in ones.values()]),
        finished=_mostly(list(ones.values())),
        figures={name: median(values[name]) for name in FIGURES},
        spread={
            name: Spread(least=min(found), most=max(found), runs=len(found)) for name, found in values.items() if found
        },
    )


def _middle(values: Sequence[int]) -> int:
    """The lower median: a number that somebody has counted."""
    return sorted(values)[(len(values) - 1) // 2] if values else 0


def _mostly(ones: Sequence[Counted]) -> bool:
    return 2 * sum(one.finished for one in ones) > len(ones)
