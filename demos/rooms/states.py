"""The state of a room as each kind of page is told it: a whole, never a change. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from demos.rooms.counting import TRANSPORTS
from demos.rooms.findings import medians, own, spread
from demos.rooms.outcomes import outcome, sentence
from demos.rooms.people import FEWEST, listed
from demos.rooms.questionnaire import Judge, results
from demos.rooms.reveal import result
from demos.rooms.room import Room
from demos.rooms.round import Phase, Round
from demos.rooms.rounds import Step, questions_of

Role = Literal["attendee", "wall", "lead"]
WITH_ROUND: frozenset[Phase] = frozenset(("predict", "arming", "running", "collecting", "reveal", "failed"))
NEXT: Mapping[Phase, str] = {
    "lobby": "begin", "predict": "run", "arming": "start", "running": "stop", "collecting": "reveal",
    "reveal": "step", "ask": "answers", "answers": "step", "talk": "step", "failed": "step",
}  # fmt: skip


@dataclass(frozen=True)
class Around:
    """What a room does not know of itself."""

    now: float
    version: int
    address: str
    """Where its phones' page is."""
    connected: Mapping[str, float]
    """Transport -> share of those who should be connected that are."""
    judge: Judge | None = None


def state(room: Room, role: Role, around: Around, number: int | None = None) -> dict[str, Any]:
    """The state for one page. `number`: of the attendee whose page it is."""
    found = _common(room, role, around)
    if role == "attendee" and number is not None:
        found |= _attendee(room, number)
    if role != "attendee":
        found |= _screens(room, around)
    if role == "lead":
        found |= _lead(room, around)
    return found


def _common(room: Room, role: Role, around: Around) -> dict[str, Any]:
    played = room.round if room.phase in WITH_ROUND else None
    return {
        "version": around.version,
        "turn": room.turn,
        "role": role,
        "code": room.code,
        "phase": room.phase,
        "step": _step(room, room.step),
        "round": played.number if played else None,
        "people": len(room.here(around.now)),
        "paused": room.paused_s is not None,
        "locked": room.locked,
        "presenter": "here" if room.presence.is_here(around.now) else "away",
        "left_s": None if room.ends is None else round(max(room.ends - around.now, 0.0), 1),
        "failed": room.failed,
        "address": around.address,
    }


def _step(room: Room, step: Step | None) -> dict[str, Any] | None:
    if step is None:
        return None
    kind = step.round
    return {
        "number": room.place + 1,
        "of": len(room.steps),
        "kind": step.kind,
        "name": step.name,
        "round": None if kind is None else kind.id,
        "own": kind is not None and kind.own,
        "resume": kind is not None and kind.resume,
        "note": f"room.note.{step.name}",
    }


def _attendee(room: Room, number: int) -> dict[str, Any]:
    played, person = (room.round if room.phase in WITH_ROUND else None), room.people[number]
    you: dict[str, Any] = {
        "number": number,
        "answered": {question: list(answers) for question, answers in person.answers.items()},
        "stuck": person.stuck is not None,
        "done": person.done,
        "predicted": None, "ready": False, "received": False, "open": False, "late": False, "slow": False,
        "figures": None, "right": None,
    }  # fmt: skip
    if played is None:
        return {"you": you}
    predicted, in_run = played.predictions.get(number), room.phase in ("arming", "running", "collecting")
    you |= {
        "predicted": predicted,
        "ready": number in played.ready,
        "received": number in played.received,
        "open": in_run and number in played.opened,
        "late": number in played.late,
        "slow": played.is_slow(number),
        "act": _act(room, played),
    }
    if room.phase != "reveal":
        return {"you": you}
    came, _ = outcome(played)
    you |= {"figures": own(played, number), "right": None if None in (predicted, came) else predicted == came}
    few = len(spread(played)) < FEWEST
    of = dict.fromkeys(TRANSPORTS) if few else medians(played)
    return {"you": you, "result": {"few": few, "came": came, "so": sentence(played), "median": of}}


def _act(room: Room, played: Round) -> dict[str, Any] | None:
    if room.phase != "running" or not played.kind.own:
        return None
    return {"kind": "approve" if played.kind.approve else "steer", "choices": list(played.kind.acts)}


def _screens(room: Room, around: Around) -> dict[str, Any]:
    played, people = (room.round if room.phase in WITH_ROUND else None), room.people.values()
    here = room.here(around.now)
    asked = questions_of(room.step)
    found: dict[str, Any] = {
        "counts": {
            "here": len(here),
            "away": len(room.people) - len(here),
            "ready": len(played.ready) if played else 0,
            "predicted": len(played.predictions) if played else 0,
            "answered": sum(bool(set(asked) & set(person.answers)) for person in people),
            "received": len(played.received) if played else 0,
            "stuck": sum(person.stuck is not None for person in people),
            "done": sum(person.done for person in people),
            "blocked": sum(person.blocked for person in people),
            "buffered": sum(person.checks is not None and not person.checks.streaming for person in people),
            "simulated": sum(person.simulated for person in people),
        }
    }
    if room.phase == "running" and played is not None:
        found["live"] = {**around.connected, "tokens": played.tokens}
    if room.phase == "reveal" and played is not None:
        found["result"] = result(played, found["counts"]["simulated"])
    if room.phase == "answers":
        if room.results is None:
            room.results = results(asked, [person.answers for person in people if person.answers], around.judge)
        found["result"] = room.results
    return found


def _lead(room: Room, around: Around) -> dict[str, Any]:
    is_last = room.place == len(room.steps) - 1 and room.phase in ("reveal", "answers", "talk", "failed")
    return {
        "steps": [{"kind": step.kind, "name": step.name, "minutes": step.minutes} for step in room.steps],
        "can": _possible(room, is_last),
        "next": None if is_last or room.is_over else f"room.next.{NEXT[room.phase]}",
        "list": [listed(person, around.now) for person in room.people.values()],
        "minutes": {
            "planned": sum(step.minutes for step in room.steps),
            "passed": 0.0 if room.began is None else round((around.now - room.began) / 60, 1),
        },
    }


def _possible(room: Room, is_last: bool) -> list[str]:
    """What the lead may do now."""
    if room.is_over:
        return []
    played = room.round
    drops = room.phase == "running" and played is not None and played.kind.drops and played.cut_ms is None
    paused = room.paused_s is not None
    return [
        *(["next"] if not is_last and not paused else []),
        *(["drop"] if drops else []),
        *(["again"] if room.step is not None else []),
        "skip",
        *(["go_on"] if paused else ["pause"] if room.phase != "running" else []),
        "unlock" if room.locked else "lock",
        "remove",
        "remove_away",
        "end",
    ]
