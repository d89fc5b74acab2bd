"""What a workshop room hands over for its report: counts and spreads, never one person.

Plain data with all its words, so that whoever held the room need not be known here. Fewer than FEWEST people are not
described by figures: the classes refuse it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from guide.model import Text, Word

FEWEST = 5
"""People from whom on figures of a room are told. Fewer could be told apart."""
Count = Annotated[int, Field(ge=0, le=100_000)]
Share = Annotated[float, Field(ge=0, le=1)]


class RoomSpread(Word):
    """One figure of all people over one transport: the middle of its sorted values, and how far half of them lie.

    `low` and `high` are the quarter points: the 25th and the 75th percentile of the sorted values, by nearest rank. So
    half of the people lie between them, and the least and the most, which belong to one person each, are not told.
    """

    low: float
    median: float
    high: float
    people: Count

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.low <= self.median <= self.high:
            raise ValueError(f"low {self.low}, median {self.median}, high {self.high}: not in order")
        return self


class RoomFigure(Word):
    """One figure over both transports."""

    title: Text
    unit: Literal["ms", "tokens", "bytes", ""] = ""
    sse: RoomSpread | None = None
    websocket: RoomSpread | None = None


class RoomTotal(Word):
    """Tokens that were lost, or came twice, and with how many people."""

    title: Text
    sse_tokens: Count
    sse_people: Count
    websocket_tokens: Count
    websocket_people: Count


class RoomChoice(Word):
    """Something that could be expected or answered, and by how many it was."""

    label: Text
    count: Count
    came: bool = Field(default=False, description="of a prediction: whether it came true")


class RoomRound(Word):
    """One round that was played."""

    title: Text
    so: str = Field(default="", description="what it has shown, as a sentence")
    came: str = Field(default="", description="which of the things that could be expected came true; empty: unknown")
    people: Count = Field(description="who were to read it")
    received: Count = Field(description="whose receipts came")
    counted: Count = Field(description="whose figures are in the spread: the page was in view all the time")
    away: Count = 0
    blocked: Count = Field(default=0, description="for whom no WebSocket opened")
    simulated: Count = 0
    predictions: tuple[RoomChoice, ...] = ()
    figures: tuple[RoomFigure, ...] = ()
    totals: tuple[RoomTotal, ...] = ()

    @property
    def few(self) -> bool:
        """Whether too few people were counted to show figures."""
        return self.counted < FEWEST

    @model_validator(mode="after")
    def _tells_nobody_apart(self) -> Self:
        if self.few and (self.figures or self.totals or self.predictions):
            raise ValueError(f"figures of {self.counted} people. Allowed: of {FEWEST} or more")
        return self


class RoomQuestion(Word):
    """One question to the room."""

    title: Text
    answers: tuple[RoomChoice, ...]
    disagreement: Share = Field(description="1 minus the share of the commonest answer")
    decisive: bool = Field(description="whether the two commonest answers lead to different recommendations")


class RoomStep(Word):
    """One step of the agenda."""

    title: Text
    kind: Literal["round", "ask", "talk"]
    done: bool


class RoomStuck(Word):
    """How many people were stuck in a step, at most."""

    title: Text
    people: Count


class RoomReport(Word):
    """Everything that the report of a room tells."""

    opened: AwareDatetime
    minutes: Annotated[float, Field(ge=0)]
    people: Count = Field(description="who joined, simulated people too")
    simulated: Count = 0
    steps: tuple[RoomStep, ...] = ()
    rounds: tuple[RoomRound, ...] = ()
    answered: Count = Field(default=0, description="people who answered something")
    questions: tuple[RoomQuestion, ...] = ()
    verdicts: tuple[RoomChoice, ...] = Field(default=(), description="what the guide recommends for each one's answers")
    discuss: tuple[Text, ...] = ()
    stuck: tuple[RoomStuck, ...] = ()
    versions: Mapping[str, str] = Field(default_factory=dict)
    rules: Text
    hash: Text

    @model_validator(mode="after")
    def _tells_nobody_apart(self) -> Self:
        if self.answered < FEWEST and (self.questions or self.verdicts or self.discuss):
            raise ValueError(f"answers of {self.answered} people. Allowed: of {FEWEST} or more")
        return self
