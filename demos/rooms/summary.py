"""A room in figures, for its report: aggregates alone, at any time, also while it is on. Pure."""

from __future__ import annotations

from collections import Counter
from typing import Any

from demos.rooms.findings import medians, spread
from demos.rooms.people import FEWEST
from demos.rooms.questionnaire import Judge, results
from demos.rooms.reveal import result
from demos.rooms.room import Room
from demos.rooms.round import Round
from demos.rooms.rounds import QUESTIONS


def summary(room: Room, now: float, judge: Judge | None) -> dict[str, Any]:
    """What the room did and found. Figures of fewer than five people are left out."""
    people = list(room.people.values())
    answered = [person.answers for person in people if person.answers]
    asked = [id for step in room.steps if step.kind == "ask" for id in QUESTIONS[step.name]]
    simulated = sum(person.simulated for person in people)
    return {
        "code": room.code,
        "agenda": room.agenda,
        "minutes": round((now - room.opened) / 60, 1),
        "is_over": room.is_over,
        "people": len(people),
        "simulated": simulated,
        "browsers": dict(Counter(person.browser or "other" for person in people)) if len(people) >= FEWEST else {},
        "blocked": sum(person.blocked for person in people),
        "buffered": sum(person.checks is not None and not person.checks.streaming for person in people),
        "rounds": [_round(one, simulated) for one in room.rounds if one.counted],
        "questions": results(asked, answered, judge) if asked and answered else None,
        "stuck": [{"step": place + 1, "people": count} for place, count in room.stuck_moments],
        "steps": [{"kind": step.kind, "name": step.name} for step in room.steps],
    }


def _round(played: Round, simulated: int) -> dict[str, Any]:
    found = result(played, simulated)
    room = spread(played)
    return {
        **{key: value for key, value in found.items() if key not in ("strips", "timeline")},
        "number": played.number,
        "round": played.kind.id,
        "resume": played.kind.resume,
        "own": played.kind.own,
        "seed": played.seed,
        "late": len(played.late),
        "away": len(played.away),
        "median": None if len(room) < FEWEST else medians(played),
        "strips": found.get("strips"),
        "timeline": found.get("timeline"),
    }
