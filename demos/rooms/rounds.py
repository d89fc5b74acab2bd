"""The rounds of a room and its agendas: what is run and asked, in which order. Words: `room.` in the book."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from demos.protocol.errors import invalid
from demos.protocol.run_options import Pace, Settings

RATE, TOKENS = 15.0, 120
"""Tokens a second, and of an answer: 60 people read both transports with 1,800 events a second, about 5 Mbit/s."""
CUT_AT = 60
"""Tokens after which a round with a cut is cut by itself, where nobody pressed the button before."""
HALFWAY = 40
"""Tokens after which people who join late open their streams."""
SLOW_EVERY = 3
"""Every third person reads slowly in the round that needs it."""

Opens = Literal["before", "halfway", "after"]


@dataclass(frozen=True)
class RoundKind:
    """One kind of round. `choices` are what people may expect; one of them comes true."""

    id: str
    choices: tuple[str, ...]
    resume: bool = True
    """Whether the clients come back where they were. Without it they are naive: no ids, no code that reconnects."""
    drops: bool = False
    """Whether everybody is cut in mid-answer."""
    own: bool = False
    """Whether each person, or each team of a large room, has a run."""
    opens: Opens = "before"
    """When the streams of every second person (halfway) or of everybody (after) open."""
    slow: bool = False
    silence_ms: float = 0.0
    blob_bytes: int = 0
    approve: bool = False
    acts: tuple[str, ...] = ()
    """What a person may choose to say to the own run."""

    def settings(self, seed: int) -> Settings:
        """Settings of its runs."""
        return Settings(
            pace=Pace(seed=seed, rate=RATE, first_token_ms=300, jitter=0.3),
            n_tokens=TOKENS,
            silence_ms=self.silence_ms,
            blob_bytes=self.blob_bytes,
            approve=self.approve,
        )


_ALL = (
    RoundKind("plain", ("sse", "websocket", "same")),
    RoundKind("drop", ("none", "few", "rest"), resume=False, drops=True),
    RoundKind("resume", ("sse", "websocket", "same"), drops=True),
    RoundKind("silence", ("never", "some", "most"), silence_ms=8_000),
    RoundKind("slow", ("themselves", "everybody"), slow=True),
    RoundKind("finished", ("all", "rest", "nothing"), opens="after"),
    RoundKind("viewer", ("all", "rest", "nothing"), opens="halfway"),
    RoundKind("large", ("short", "seconds", "long"), blob_bytes=40_000),
    RoundKind("payload", ("few", "some", "many")),
    RoundKind("steer", ("next", "sentence", "never"), own=True, acts=("shorter", "price", "risks")),
    RoundKind("approve", ("once", "each", "none"), own=True, approve=True),
)
ROUNDS: Mapping[str, RoundKind] = {one.id: one for one in _ALL}
ON_THE_WALL = ("clients", "origin", "restart", "stop", "tabs")
"""Scenarios of the lab that need a server to themselves: the presenter shows them, everybody looks."""


@dataclass(frozen=True)
class Step:
    """One step of an agenda. `name`: a round's id, a set of questions, or something to look at together."""

    kind: Literal["round", "ask", "talk"]
    name: str
    minutes: float

    @property
    def round(self) -> RoundKind | None:
        return ROUNDS[self.name] if self.kind == "round" else None


QUESTIONS: Mapping[str, tuple[str, ...]] = {
    "design": ("uplink", "resume", "disconnect", "devices", "network", "hosting", "silence"),
    "short": ("uplink", "resume", "network"),
}
"""Sets of questions of the guide, all about one system that the room agrees on."""


def _steps(*named: tuple[str, float]) -> tuple[Step, ...]:
    kinds: dict[str, Literal["round", "ask", "talk"]] = {
        **dict.fromkeys(ROUNDS, "round"),
        **dict.fromkeys(QUESTIONS, "ask"),
    }
    return tuple(Step(kinds.get(name, "talk"), name, minutes) for name, minutes in named)


AGENDAS: Mapping[str, tuple[Step, ...]] = {
    "45min": _steps(
        ("welcome", 4), ("plain", 4), ("drop", 6), ("resume", 5), ("silence", 5), ("viewer", 4), ("restart", 4),
        ("design", 10), ("closing", 3),
    ),
    "15min": _steps(("plain", 4), ("drop", 5), ("resume", 6)),
    "questions": _steps(("design", 15)),
    "all": _steps(*((one.id, 4) for one in _ALL), *((name, 4) for name in ON_THE_WALL), ("design", 10)),
}  # fmt: skip
"""Presets of a workshop: what happens, in which order, and for how many minutes."""


def agenda_named(name: object) -> str:
    """Check the name of an agenda. Raises Refusal."""
    if not isinstance(name, str) or name not in AGENDAS:
        raise invalid(f"agenda is {name!r:.60}. Allowed: {', '.join(AGENDAS)}.")
    return name


def questions_of(step: Step | None) -> tuple[str, ...]:
    """Ids of the questions that a step asks; none where it asks nothing."""
    return QUESTIONS[step.name] if step is not None and step.kind == "ask" else ()
