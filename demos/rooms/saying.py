"""What an attendee's page says: checked, and put into the room. Each may come twice and counts once. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from demos.protocol.errors import Refusal, invalid
from demos.rooms.counting import RoomReceipt, RunFacts, count
from demos.rooms.people import Checks, Stuck
from demos.rooms.room import SCREENS, Room
from demos.rooms.round import Round
from demos.rooms.rounds import questions_of
from guide.book import book

Facts = Callable[[int], RunFacts]
"""Number of a person -> what the server knows of the run that it read."""
MOST_MS = 60_000.0


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Checks(_Said):
    what: Literal["checks"]
    websocket: bool
    streaming: bool
    round_trip_ms: float = Field(ge=0, le=MOST_MS)
    worst_ms: float = Field(ge=0, le=MOST_MS)


class _Predict(_Said):
    what: Literal["predict"]
    round: int
    choice: str = Field(max_length=40)


class _Ready(_Said):
    what: Literal["ready"]
    round: int


class _Receipts(_Said):
    what: Literal["receipt"]
    round: int
    away: bool = False
    receipts: tuple[RoomReceipt, ...] = Field(min_length=1, max_length=2)
    heard_ms: float | None = Field(default=None, ge=0, le=10 * MOST_MS)


class _Answer(_Said):
    what: Literal["answer"]
    question: str = Field(max_length=60)
    answers: tuple[Annotated[str, Field(max_length=60)], ...] = Field(max_length=20)


class _Stuck(_Said):
    what: Literal["stuck"]
    on: bool
    reason: Stuck = "other"


class _Done(_Said):
    what: Literal["done"]
    on: bool


class _Leave(_Said):
    what: Literal["leave"]


class Act(_Said):
    """Something said to the own run. Whoever holds the runs carries it out."""

    what: Literal["act"]
    round: int
    act: Literal["steer", "approve", "decline"]
    choice: str | None = Field(default=None, max_length=40)


_SAID: TypeAdapter[Any] = TypeAdapter(
    Annotated[
        _Checks | _Predict | _Ready | _Receipts | _Answer | _Stuck | _Done | _Leave | Act, Field(discriminator="what")
    ]
)


def say(room: Room, number: int, given: Mapping[str, Any], facts: Facts, now: float) -> Act | None:
    """Put into the room what a person says. Returns what is for its run.

    Raises:
        Refusal: it is malformed (400), or comes at the wrong time (409).
    """
    try:
        said = _SAID.validate_python(given)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise invalid(f"This cannot be taken: {place or 'what'}: {first['msg']}.") from None
    person = room.people[number]
    person.seen = now
    match said:
        case _Checks():
            person.checks = Checks(said.websocket, said.streaming, said.round_trip_ms, said.worst_ms)
            room.changed.add(SCREENS)
        case _Predict():
            _predict(room, number, said)
        case _Ready():
            _round(room, said.round).ready.add(number)
            room.changed |= {number, SCREENS}
        case _Receipts():
            _receive(room, number, said, facts)
        case _Answer():
            _answer(room, number, said)
        case _Stuck():
            _stuck(room, number, said.reason if said.on else None)
        case _Done():
            person.done = said.on
            room.changed |= {number, SCREENS}
        case _Leave():
            room.leave(number)
        case Act():
            _round(room, said.round)
            return said
    return None


def _round(room: Room, number: int) -> Round:
    """The round of this number. Raises Refusal: it is over, or has not begun."""
    if room.round is None or room.round.number != number:
        raise Refusal(409, "other_round", f"Round {number} is not the one that is played now.")
    return room.round


def _predict(room: Room, number: int, said: _Predict) -> None:
    played = _round(room, said.round)
    if said.choice not in played.kind.choices:
        raise invalid(f"choice is {said.choice!r}. Allowed: {', '.join(played.kind.choices)}.")
    if room.phase not in ("predict", "arming"):
        raise Refusal(409, "too_late", "The run has begun: what you expect counts before it only.")
    played.predictions[number] = said.choice
    room.changed |= {number, SCREENS}


def _receive(room: Room, number: int, said: _Receipts, facts: Facts) -> None:
    played = _round(room, said.round)
    if room.phase not in ("running", "collecting", "reveal"):
        raise Refusal(409, "not_now", f"A receipt cannot be counted in {room.phase!r}.")
    run, mine = facts(number), any(one.at for one in said.receipts)
    if number not in played.opened or (mine and number not in played.readers):
        raise Refusal(409, "not_a_reader", "This person has read nothing of this round.")
    try:
        counted = {one.transport: count(one, run) for one in said.receipts}
    except ValueError as error:
        raise invalid(f"The receipt cannot be counted: {str(error)[:200]}.") from None
    if said.heard_ms is not None:
        played.heard_ms[number] = said.heard_ms
    played.receive(number, counted, said.away)
    room.changed |= {number, SCREENS}


def _answer(room: Room, number: int, said: _Answer) -> None:
    if room.phase != "ask" or said.question not in questions_of(room.step):
        raise Refusal(409, "not_now", f"{said.question!r} is not asked now.")
    question = book().questions[said.question]
    if (
        not said.answers
        or (len(said.answers) > 1 and not question.multiple)
        or set(said.answers) - set(question.answers)
    ):
        how = "one or more of" if question.multiple else "one of"
        raise invalid(f"answers must be {how}: {', '.join(question.answers)}.")
    alone = [one for one in said.answers if question.answers[one].alone]
    room.people[number].answers[said.question] = tuple(alone[:1]) or tuple(dict.fromkeys(said.answers))
    room.changed |= {number, SCREENS}


def _stuck(room: Room, number: int, reason: Stuck | None) -> None:
    room.people[number].stuck = reason
    count = sum(person.stuck is not None for person in room.people.values())
    if reason is not None:
        room.stuck_moments.append((room.place, count))
        del room.stuck_moments[:-100]
    room.changed |= {number, SCREENS}
