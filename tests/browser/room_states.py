"""Made-up states of a room of 41 people, one for each phase, as the server tells them to the wall and to the lead."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

from demos.rooms.rounds import QUESTIONS
from guide.book import book

CODE = "7K3QXP"
PEOPLE = 41
STEPS = [
    {"kind": "round", "name": "plain", "minutes": 4},
    {"kind": "round", "name": "drop", "minutes": 6},
    {"kind": "round", "name": "silence", "minutes": 5},
    {"kind": "talk", "name": "origin", "minutes": 4},
    {"kind": "ask", "name": "design", "minutes": 10},
]
SO = {"key": "room.so.drop.rest", "values": {"websocket_lost": "72", "sse_lost": "0", "sse_repeated": "41"}}


def words() -> dict[str, str]:
    return {key: text for key, text in book().words.items() if key.startswith("room.")}


def counts(**over: int) -> dict[str, int]:
    some = {"here": PEOPLE, "away": 2, "ready": 31, "predicted": 31, "answered": 12, "received": 38, "stuck": 2}
    return some | {"done": 17, "blocked": 0, "buffered": 0, "simulated": 0} | over


def spread(seed: int, middle: float, wide: float, people: int = PEOPLE) -> list[float]:
    chance = random.Random(seed)
    return sorted(round(max(0.4, chance.lognormvariate(0, wide) * middle), 1) for _ in range(people))


def shares(back_at: int, until: int = 90, cut: int = 34) -> list[float]:
    fallen = [min(1.0, max(0.0, (n - back_at) / 8)) for n in range(cut, until)]
    return [1.0] * cut + fallen


def reveal(*, cut: bool = True, **over: Any) -> dict[str, Any]:
    strips = {
        "first_token_ms": {"sse": spread(1, 320, 0.25), "websocket": spread(2, 310, 0.3)},
        "lateness_p95_ms": {"sse": spread(3, 24, 1.3), "websocket": spread(4, 22, 1.3)},
        "longest_gap_ms": {"sse": spread(5, 1180, 0.15), "websocket": spread(6, 420, 0.3)},
    }
    timeline: dict[str, Any] = {"step_ms": 100, "cut_ms": None, "sse": [1.0] * 90, "websocket": [1.0] * 90}
    if cut:
        strips["back_ms"] = {"sse": spread(7, 1110, 0.1), "websocket": spread(8, 380, 0.25)}
        timeline = {"step_ms": 100, "cut_ms": 3400, "sse": shares(44), "websocket": shares(37)}
    return {
        "people": PEOPLE, "received": 40, "few": False, "simulated": 0, "blocked": 0, "came": "rest", "so": SO,
        "predictions": {"none": 3, "few": 9, "rest": 29}, "strips": strips, "timeline": timeline,
        "lost": {"sse": {"tokens": 0, "people": 0}, "websocket": {"tokens": 2952, "people": 41}},
        "repeated": {"sse": {"tokens": 1640, "people": 40}, "websocket": {"tokens": 0, "people": 0}},
    } | over  # fmt: skip


def few() -> dict[str, Any]:
    return {
        "people": 3, "received": 3, "few": True, "simulated": 0, "blocked": 0, "came": "rest",
        "so": {"key": "room.so.drop.rest", "values": {}},
    }  # fmt: skip


def answers(asked: Iterable[str] = QUESTIONS["design"]) -> dict[str, Any]:
    """The questions are those of the book, with the longest words that there are."""
    chance = random.Random(5)
    questions = []
    for n, name in enumerate(asked):
        found = book().questions[name]
        cuts = sorted(chance.randrange(PEOPLE) for _ in found.answers)
        parts = [b - a for a, b in zip([0, *cuts[:-1]], [*cuts[:-1], PEOPLE], strict=True)]
        bars = [
            {"id": key, "label": one.text, "count": parts[at]} for at, (key, one) in enumerate(found.answers.items())
        ]
        disagreement = round(1 - max(parts) / PEOPLE, 2)
        one = {"id": name, "title": found.ask, "bars": bars, "disagreement": disagreement, "decisive": n < 2}
        questions.append(one)
    questions.sort(key=lambda one: -float(str(one["disagreement"])))
    verdicts = [
        {"id": "sse-post", "label": "SSE for output, POST for commands", "count": 23},
        {"id": "websocket", "label": "One WebSocket for both directions", "count": 13},
        {"id": "level", "label": "Level", "count": 5},
    ]
    discuss = [one["title"] for one in questions[:2]]
    return {"people": PEOPLE, "few": False, "questions": questions, "verdicts": verdicts, "discuss": discuss}


def tied() -> dict[str, Any]:
    """One question without a commonest answer, and one that too few have answered."""
    bars = [{"id": name, "label": name, "count": count} for name, count in (("Yes", 2), ("No", 2), ("Perhaps", 1))]
    even = {"id": "even", "title": "Even?", "bars": bars, "disagreement": 0.6, "decisive": False}
    few = {"id": "few", "title": "Who has answered this?", "few": True, "disagreement": 0, "decisive": False}
    titles = ["Even?", "Who has answered this?"]
    return {"people": 9, "few": False, "questions": [even, few], "verdicts": [], "discuss": titles}


def state(phase: str, role: str = "wall", step: int = 2, **over: Any) -> dict[str, Any]:
    now = STEPS[step - 1]
    round = now["name"] if now["kind"] == "round" else None
    own = {
        "round": round,
        "name": now["name"],
        "number": step,
        "of": len(STEPS),
        "own": False,
        "resume": False,
        "note": f"room.note.{now['name']}",
    }
    found: dict[str, Any] = {
        "role": role, "code": CODE, "phase": phase, "step": now | own, "round": None,
        "people": PEOPLE, "paused": False, "locked": False, "presenter": "here", "left_s": None, "failed": None,
        "address": f"http://192.168.178.23:8501/r/{CODE}", "counts": counts(),
    }  # fmt: skip
    if phase in ("arming", "running"):
        found["live"] = {"sse": 0.98, "websocket": 0.95, "tokens": 57}
    return (found | (lead() if role == "lead" else {})) | over


def person(number: int, **over: Any) -> dict[str, Any]:
    kind = "phone" if number % 3 else "laptop"
    browser = ("Chrome", "Safari", "Firefox")[number % 3]
    whole = {"number": number, "kind": kind, "browser": browser, "away": False, "stuck": None, "done": number < 18}
    return whole | {"blocked": False, "simulated": False} | over


def lead() -> dict[str, Any]:
    people = [person(number) for number in range(1, PEOPLE + 1)]
    people[6] = person(7, stuck="network", blocked=True)
    people[22] = person(23, stuck="lost", away=True, browser="A browser with a name " * 9)
    return {
        "steps": STEPS,
        "can": ["next", "drop", "again", "skip", "pause", "lock", "remove", "remove_away", "end"],
        "next": "room.next.run",
        "list": people,
        "addresses": [f"http://192.168.178.23:8501/r/{CODE}", f"http://10.0.0.5:8501/r/{CODE}"],
        "minutes": {"planned": 45, "passed": 12.5},
    }
