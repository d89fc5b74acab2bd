"""People of a room: who is here, by number and key. No names, no addresses; figures live as long as their round."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

AWAY_S = 25.0
"""Seconds without a sign of life after which somebody is away."""
PRESENTER_AWAY_S = 5.0
UNSEEN_S = 10.0
"""Seconds after which the seat of somebody who never opened a page may go to another."""
FEWEST = 5
"""People from whom on figures of a room are shown. Fewer could be told apart."""

Kind = Literal["phone", "laptop"]
Stuck = Literal["page", "network", "lost", "other"]
"""What somebody may be stuck with. Nothing typed leaves a phone."""


@dataclass(frozen=True)
class Checks:
    """What a browser found out about its path when it joined."""

    websocket: bool
    """Whether a WebSocket opens."""
    streaming: bool
    """Whether the pieces of an event stream come one by one."""
    round_trip_ms: float
    worst_ms: float


@dataclass
class Person:
    """One attendee. Two tabs or two connections with one key are one person."""

    number: int
    kind: Kind
    browser: str
    simulated: bool
    seen: float
    """When the last sign of life came."""
    links: int = 0
    """Open control streams."""
    was_seen: bool = False
    """Whether a page was ever open."""
    checks: Checks | None = None
    stuck: Stuck | None = None
    done: bool = False
    answers: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def is_here(self, now: float) -> bool:
        return self.links > 0 or now - self.seen < AWAY_S

    def forget(self) -> None:
        """Keep the number, and nothing that was told or found."""
        self.browser, self.checks, self.stuck, self.done = "", None, None, False
        self.answers.clear()

    @property
    def blocked(self) -> bool:
        """Whether no WebSocket opens for it."""
        return self.checks is not None and not self.checks.websocket


class People(dict[int, Person]):
    """Everybody in a room, by number. A number is never given twice."""

    def here(self, now: float) -> list[int]:
        """Numbers of those who are connected, or were a moment ago."""
        return [number for number, person in self.items() if person.is_here(now)]

    def unseen(self, now: float) -> int | None:
        """Somebody who joined a while ago and never opened a page: who fills the room, and is no person."""
        for number, person in self.items():
            if not person.was_seen and not person.links and now - person.seen > UNSEEN_S:
                return number
        return None


@dataclass
class Presence:
    """Whether a lead page is open."""

    links: int = 0
    seen: float = float("-inf")

    def is_here(self, now: float) -> bool:
        return self.links > 0 or now - self.seen < PRESENTER_AWAY_S


def listed(person: Person, now: float) -> Mapping[str, object]:
    """What the lead sees of a person, so as to help."""
    return {
        "number": person.number,
        "kind": person.kind,
        "browser": person.browser,
        "away": not person.is_here(now),
        "stuck": person.stuck,
        "done": person.done,
        "blocked": person.blocked,
        "simulated": person.simulated,
    }
