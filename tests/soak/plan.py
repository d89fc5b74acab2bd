"""What one run of the soak is to go through, drawn before it begins. Knows no server and no clock."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any, Literal

Ending = Literal["completes", "fails", "is stopped", "is left"]
ENDINGS: tuple[tuple[Ending, float], ...] = (("completes", 60), ("is stopped", 20), ("fails", 10), ("is left", 10))
"""How runs are meant to end, and how often of a hundred."""
GRACE_S = 3.0
"""How long a run that is to stop without readers waits for one."""
NOTICE_S = 2.0
"""How much later than the server a viewer may notice on a busy machine that its connection is gone."""
SHORT_AWAY_S = 0.3
"""The longest that a viewer stays away after a cut, unless it leaves for good measure."""


@dataclass(frozen=True)
class Plan:
    """One run, and what is done to it."""

    tokens: int
    rate: float
    ending: Ending
    at: float
    """Seconds after its start at which the run is stopped or its viewer leaves; to fail, a share of the tokens."""
    stamp: bool
    """Each token is its time, so that tokens can be counted in the text."""
    early: bool
    """The first viewer is there before the run begins."""
    second_after: float | None
    """Seconds after the start at which a second viewer comes; None: nobody does."""
    answered: int
    """How often a human answers before the agent goes on; 0: nobody is asked."""
    seed: int

    @property
    def fail_at(self) -> int | None:
        return int(self.at * self.tokens) if self.ending == "fails" else None

    @property
    def configurable(self) -> dict[str, Any]:
        """The settings of `run.start`."""
        return {
            "seed": self.seed,
            "rate": self.rate,
            "first_token_ms": 50,
            "n_tokens": self.tokens,
            "stamp": self.stamp,
            "approve": bool(self.answered),
            "fail_at": self.fail_at,
            "on_disconnect": "stop" if self.ending == "is left" else "keep",
            "grace_ms": 1000 * GRACE_S,
        }


def draw(chance: random.Random, seconds: float) -> Plan:
    """A run that takes about so many seconds, if it is let."""
    lasts = seconds * chance.uniform(0.3, 1.7)
    rate = chance.choice((3, 6, 10, 15))
    (ending,) = chance.choices([name for name, _ in ENDINGS], [share for _, share in ENDINGS])
    left = ending == "is left"
    return Plan(
        tokens=max(3, int(lasts * rate)),
        rate=rate,
        ending=ending,
        at=chance.random() if ending == "fails" else chance.uniform(0, 0.8) * lasts,
        stamp=chance.random() < 0.5,
        early=chance.random() < 0.5,
        # A second viewer would keep a run that is to be left; a run that waits for a human is not stopped for silence.
        second_after=None if left or chance.random() < 0.75 else chance.uniform(0, 1.2) * lasts,
        answered=0 if left or chance.random() < 0.7 else chance.choice((1, 2)),
        seed=chance.getrandbits(32),
    )
