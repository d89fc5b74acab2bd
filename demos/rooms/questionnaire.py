"""The room's questionnaire: what everybody answered about one system, where they differ, what that decides. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from demos.protocol.errors import invalid
from demos.rooms.people import FEWEST
from guide.book import book
from guide.model import UNKNOWN, Question

Answers = Mapping[str, tuple[str, ...]]
Judge = Callable[[Answers], str]
"""Answers -> the choice, as a label. The guide's own; a room without the guide has none."""
DISCUSSED = 2


def described(ids: Sequence[str]) -> list[dict[str, Any]]:
    """Questions as a phone shows them."""
    return [
        {
            "id": id,
            "title": question.ask,
            "help": question.help or "",
            "multiple": question.multiple,
            "answers": [
                {"id": key, "label": answer.text, "hint": answer.hint or "", "alone": answer.alone}
                for key, answer in question.answers.items()
            ],
        }
        for id, question in ((id, book().questions[id]) for id in ids)
    ]


def known(given: object) -> dict[str, tuple[str, ...]]:
    """Answers that were given before, such as the presenter's, checked. Raises Refusal: one is none of the guide's."""
    if not isinstance(given, Mapping):
        raise invalid("answers must map ids of questions to lists of ids of answers.")
    found = {}
    for id, chosen in given.items():
        question = book().questions.get(id) if isinstance(id, str) else None
        listed = isinstance(chosen, list | tuple) and all(isinstance(one, str) for one in chosen)
        if question is None or not listed or set(chosen) - {*question.answers, UNKNOWN}:
            raise invalid(f"answers has {id!r:.60}: {chosen!r:.100}. Allowed: ids of the guide, as lists.")
        found[id] = tuple(chosen)
    return found


def judged_with(judge: Judge, before: Answers) -> Judge:
    """A judge who also knows what was answered before. What a person answers counts instead."""
    return lambda answers: judge({**before, **answers})


def results(ids: Sequence[str], given: Sequence[Answers], judge: Judge | None) -> dict[str, Any]:
    """Bars of each question, the ones that differ most first, and what whole sets of answers come to.

    `given`: the answers of each person who has answered something.
    """
    found: dict[str, Any] = {
        "people": len(given),
        "few": len(given) < FEWEST,
        "questions": [],
        "verdicts": [],
        "discuss": [],
    }
    if found["few"]:
        return found
    commonest = {id: chosen for id in ids if (chosen := _ranked(id, given))}
    middle = {id: ranked[0] for id, ranked in commonest.items()}
    questions = [_question(id, book().questions[id], given, _is_decisive(id, commonest, middle, judge)) for id in ids]
    questions.sort(key=lambda one: (-one["disagreement"], not one["decisive"]))
    found["questions"] = questions
    found["discuss"] = [
        one["title"] for one in sorted(questions, key=_importance)[:DISCUSSED] if one["disagreement"] > 0
    ]
    whole = [one for one in given if set(ids) <= one.keys()]
    if judge is not None and len(whole) >= FEWEST:
        verdicts = Counter(judge(one) for one in whole)
        found["verdicts"] = [{"id": label, "label": label, "count": count} for label, count in verdicts.most_common()]
    return found


def _importance(one: Mapping[str, Any]) -> tuple[bool, float]:
    return not one["decisive"], -one["disagreement"]


def _ranked(id: str, given: Sequence[Answers]) -> list[tuple[str, ...]]:
    """Whole answers to a question, the commonest first."""
    return [chosen for chosen, _ in Counter(one[id] for one in given if id in one).most_common()]


def _is_decisive(id: str, commonest: Mapping[str, list[tuple[str, ...]]], middle: Answers, judge: Judge | None) -> bool:
    """Whether the two commonest answers, one in place of the other, turn what the room's commonest answers come to."""
    ranked = commonest.get(id, [])
    if judge is None or len(ranked) < 2:
        return False
    return judge({**middle, id: ranked[0]}) != judge({**middle, id: ranked[1]})


def _question(id: str, question: Question, given: Sequence[Answers], decisive: bool) -> dict[str, Any]:
    """One question's bars. Of fewer than five answers: none, as they could be told apart."""
    answered = [one[id] for one in given if id in one]
    if len(answered) < FEWEST:
        return {"id": id, "title": question.ask, "few": True, "bars": [], "disagreement": 0.0, "decisive": False}
    counts = Counter(answer for chosen in answered for answer in chosen)
    most = Counter(answered).most_common(1)[0][1]
    return {
        "id": id,
        "title": question.ask,
        "few": False,
        "bars": [{"id": key, "label": answer.text, "count": counts[key]} for key, answer in question.answers.items()],
        "disagreement": round(1 - most / len(answered), 3),
        "decisive": decisive,
    }
