"""One round that is played: its phases, who expects what, who is ready, and what came of it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar

from demos.rooms.counting import Counted, Transport, lateness
from demos.rooms.rounds import SLOW_EVERY, RoundKind

Value = TypeVar("Value")
Phase = Literal[
    "lobby", "predict", "arming", "running", "collecting", "reveal", "ask", "answers", "talk", "failed", "ended"
]
ARMING_S = 3.0
COLLECTING_S = 5.0
AFTER_THE_END_S = 8.0
"""For streams that are opened when the run is over."""
TIMED: dict[Phase, float] = {"arming": ARMING_S, "collecting": COLLECTING_S}


@dataclass
class Round:
    """Predictions and receipts, by number of the person."""

    number: int
    kind: RoundKind
    seed: int
    predictions: dict[int, str] = field(default_factory=dict)
    ready: set[int] = field(default_factory=set)
    opened: set[int] = field(default_factory=set)
    """Whose streams should be open."""
    readers: set[int] = field(default_factory=set)
    """Who has opened a stream."""
    late: set[int] = field(default_factory=set)
    """Who was not ready when the run began."""
    received: set[int] = field(default_factory=set)
    away: set[int] = field(default_factory=set)
    """Whose page was hidden during the round. They are left out of the spread."""
    counted: dict[int, Mapping[Transport, Counted]] = field(default_factory=dict)
    heard_ms: dict[int, float] = field(default_factory=dict)
    """Own rounds: how long the agent took to hear what somebody said."""
    began_ms: float | None = None
    """When the run began, on the server's wall clock: events say so too."""
    cut_ms: float | None = None
    """When everybody was cut, milliseconds after it began."""
    tokens: int = 0
    """Tokens made so far."""
    settled: Mapping[int, Mapping[Transport, float]] | None = None
    """Lateness, once the round is over for good."""
    found: dict[str, Any] = field(default_factory=dict)
    """What was worked out of the receipts, by name: once for all pages, anew after each further receipt."""

    def is_slow(self, number: int) -> bool:
        """Whether this person reads slowly in this round."""
        return self.kind.slow and number % SLOW_EVERY == 0

    def joins_late(self, number: int) -> bool:
        return self.kind.opens == "halfway" and number % 2 == 0

    def open_at_the_start(self, numbers: Collection[int]) -> set[int]:
        """Whose streams open before the run begins."""
        if self.kind.opens == "after":
            return set()
        return {number for number in numbers if not self.joins_late(number)}

    def receive(self, number: int, counted: Mapping[Transport, Counted], away: bool) -> None:
        """Keep what somebody's browser noted, in place of what it noted before."""
        self.received.add(number)
        self.counted[number] = counted
        if away:
            self.away.add(number)
        self.found.clear()

    def worked_out(self, name: str, how: Callable[[], Value]) -> Value:
        """What `how` returns, worked out once for the receipts that are here."""
        if name not in self.found:
            self.found[name] = how()
        value: Value = self.found[name]
        return value

    def lateness(self) -> Mapping[int, Mapping[Transport, float]]:
        """Lateness of each person over each transport, ms."""
        return self.settled if self.settled is not None else self.worked_out("lateness", lambda: lateness(self.counted))

    def settle(self) -> None:
        """The round is over for good: keep its figures, and let go of each event's delay."""
        self.settled = self.lateness()
        self.counted = {
            number: {name: replace(one, delays={}) for name, one in counted.items()}
            for number, counted in self.counted.items()
        }

    def forget(self, number: int) -> None:
        """Forget a person and its figures."""
        for known in (self.ready, self.opened, self.readers, self.late, self.received, self.away):
            known.discard(number)
        for table in (self.predictions, self.counted, self.heard_ms):
            table.pop(number, None)
        self.found.clear()
