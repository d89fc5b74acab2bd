"""What can be said of the way between phones and this server before people come. Pure: what was seen is handed in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from demos.rooms.people import Checks, Person

PATIENCE_S = 30.0
"""Seconds without a phone after which something is probably in the way."""
Mood = Literal["good", "bad", "wait", "hint"]


@dataclass(frozen=True)
class Seen:
    """What the server knows of the way to it."""

    beyond_loopback: bool
    addresses: Sequence[str]
    """Without a path, the likeliest first."""
    open_s: float
    """How long the room has been open."""
    phones: Sequence[Checks | None] = ()
    """What each phone has found out about its path; None: nothing yet. No simulated ones."""


@dataclass(frozen=True)
class Line:
    """One line: a word of the book, and what stands in it."""

    mood: Mood
    word: str
    values: Mapping[str, str] = field(default_factory=dict)


def phones(people: Sequence[Person]) -> list[Checks | None]:
    """What each real phone has told. A laptop may be the presenter's own, which proves nothing."""
    return [person.checks for person in people if person.kind == "phone" and not person.simulated]


def lines(seen: Seen) -> Iterator[Line]:
    """What holds, what does not, and what to do."""
    if not seen.beyond_loopback:
        yield Line("bad", "workshop.check.alone")
        return
    yield Line("good", "workshop.check.listens")
    if not seen.addresses:
        yield Line("bad", "workshop.check.nowhere")
    elif len(seen.addresses) > 1:
        yield Line("hint", "workshop.check.addresses", {"addresses": ", ".join(seen.addresses)})
    yield from _phone(seen)
    told = [checks for checks in seen.phones if checks is not None]
    if told:
        yield from _path(told)
    yield Line("hint", "workshop.check.portal")


def _phone(seen: Seen) -> Iterator[Line]:
    told = [checks for checks in seen.phones if checks is not None]
    if told:
        least = min(told, key=lambda checks: checks.round_trip_ms)
        trip, worst = f"{least.round_trip_ms:.0f}", f"{least.worst_ms:.0f}"
        yield Line("good", "workshop.check.phone", {"ms": trip, "worst": worst})
    elif seen.phones:
        yield Line("wait", "workshop.check.phone_joined")
    elif seen.open_s > PATIENCE_S:
        yield Line("bad", "workshop.check.phone_late", {"s": f"{PATIENCE_S:.0f}"})
    else:
        yield Line("wait", "workshop.check.phone_wait")


def _path(told: Sequence[Checks]) -> Iterator[Line]:
    blocked = sum(not checks.websocket for checks in told)
    held = sum(not checks.streaming for checks in told)
    values = {"phones": f"{len(told)}"}
    yield (
        Line("hint", "workshop.check.blocked", values | {"n": f"{blocked}"})
        if blocked
        else Line("good", "workshop.check.websocket")
    )
    yield (
        Line("hint", "workshop.check.buffered", values | {"n": f"{held}"})
        if held
        else Line("good", "workshop.check.streams")
    )
