"""The decision: a pure function of (book, answers). Knows no id of a question, an answer or a fact.

    answers --asked?--> effects that apply --points--> standings --margin--> sse | websocket | level
                 \\--conditions--> outside our scope, pattern, needs, rows

Points stand here once and nowhere else. `level` is an answer, not a failure: where the points are equal the guide does
not force one. Everything harder (what would change it, what is still open) is a second call of `decide`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from guide.book import Book
from guide.bounds import bounds, settled
from guide.model import UNKNOWN, Answers, Condition, Effect, Force

POINTS: Mapping[Force, int] = {Force.WEAKENS: -1, Force.FAVOURS: 1, Force.STRONGLY_FAVOURS: 3}
"""What a force weighs. `rules-out` has no points: it removes the option."""
DECIDED = 2
"""Margin from which a choice is called decided; below it is leaning, at nought level."""
LEVEL = "level"
RULED_OUT = 1000
"""Stands for `rules-out` where reasons are sorted by weight: more than all points together."""


@dataclass(frozen=True, slots=True)
class Reason:
    """An effect that applied to you."""

    question: str
    answer: str
    effect: Effect


@dataclass(frozen=True, slots=True)
class Standing:
    option: str
    points: int
    ruled_out: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say about one set of answers."""

    choice: str
    """An option's id, `level`, or the id of what lies outside."""
    kind: Literal["option", "level", "outside"]
    strength: Literal["decided", "leaning", "level", "outside"]
    margin: int
    standings: tuple[Standing, ...]
    reasons: tuple[Reason, ...]
    pattern: str | None
    needs: tuple[str, ...]
    rows: tuple[str, ...]
    unknowns: tuple[str, ...]
    """Questions answered 'not sure' whose answer could turn the choice or its margin."""
    missing: tuple[str, ...]
    """Questions not answered yet."""
    open: tuple[str, ...]
    """Of the missing ones, those whose answer alone could change the choice."""
    settled: bool
    """No answer to the missing questions, alone or together, changes the choice."""
    quantities: Mapping[str, float]
    """What the answers stand for in numbers, in seconds."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The smallest change of answers that leads elsewhere."""

    changes: tuple[tuple[str, str], ...]
    becomes: str


def holds(condition: Condition, answers: Answers) -> bool:
    """Whether every question named has an allowed answer."""
    return all(any(aid in allowed for aid in answers.get(qid, ())) for qid, allowed in condition.items())


def wholly(condition: Condition, answers: Answers) -> bool:
    """Whether every answer chosen is an allowed one: what lies outside must not swallow a client that is inside."""
    return all(answers.get(qid) and set(answers[qid]) <= set(allowed) for qid, allowed in condition.items())


def refuted(condition: Condition, answers: Answers) -> bool:
    """Whether the answers given already speak against it; an open question does not."""
    return any(qid in answers and not any(a in allowed for a in answers[qid]) for qid, allowed in condition.items())


def asked(book: Book, answers: Answers) -> list[str]:
    """Ids of the questions that these answers leave to ask, answered or not, in order."""
    out: list[str] = []
    live: dict[str, tuple[str, ...]] = {}
    for qid, question in book.questions.items():
        if not refuted(question.only_if, live):
            out.append(qid)
            if qid in answers:
                live[qid] = answers[qid]
        elif question.only_if:
            live[qid] = ()  # not asked: nothing that depends on it holds
    return out


def next_question(book: Book, answers: Answers) -> str | None:
    """The first question without an answer, None when all are answered."""
    return next((qid for qid in asked(book, answers) if qid not in answers), None)


def decide(book: Book, answers: Answers) -> Verdict:
    """The verdict for these answers. Answers to questions that are not asked are left aside, unknown ids ignored."""
    visible = asked(book, answers)
    live = _live(book, answers)
    choice, margin, standings, reasons = _weigh(book, live)
    missing = tuple(qid for qid in visible if qid not in live)
    reach = bounds(book, live, POINTS)
    kind: Literal["option", "level", "outside"] = (
        "outside" if choice in book.outside else "level" if choice == LEVEL else "option"
    )
    return Verdict(
        choice=choice,
        kind=kind,
        strength=kind if kind != "option" else "decided" if margin >= DECIDED else "leaning",
        margin=margin,
        standings=standings,
        reasons=reasons,
        pattern=pattern(book, live, choice),
        needs=needs(book, live, choice),
        rows=tuple(k for k, row in book.rows.items() if row.always or (row.when and holds(row.when, live))),
        unknowns=tuple(q for q in visible if live.get(q) == (UNKNOWN,) and reach.moves(q)),
        missing=missing,
        open=tuple(qid for qid in missing if _could_turn(book, live, qid, choice)),
        settled=settled(reach, choice),
        quantities=_quantities(book, live),
    )


def pattern(book: Book, answers: Answers, choice: str) -> str | None:
    """The shape that a choice takes with these answers; None where there is none to draw."""
    live = _live(book, answers)
    return next((k for k, p in book.patterns.items() if p.option == choice and holds(p.when, live)), None)


def needs(book: Book, answers: Answers, choice: str) -> tuple[str, ...]:
    """What must be built or set when `choice` is taken, recommended or not."""
    live = _live(book, answers)
    return tuple(k for k, n in book.needs.items() if n.option in (None, choice) and holds(n.when, live))


def turning_points(book: Book, answers: Answers, most: int = 6) -> tuple[Turn, ...]:
    """The smallest changes that lead to another choice: single answers, or pairs where no single one does.

    Only questions that have been answered are changed: what a missing answer could do stands in `Verdict.open`.
    """
    live = _live(book, answers)
    now = _weigh(book, live)[0]
    steps = [(qid, aid) for qid in live for aid in book.questions[qid].answers if aid not in live[qid]]
    for size in (1, 2):
        found = [turn for group in combinations(steps, size) if (turn := _turn(book, live, group, now))]
        if found:
            return tuple(found[:most])
    return ()


def changed(book: Book, answers: Answers, qid: str, aid: str) -> dict[str, tuple[str, ...]]:
    """These answers with one more said: it replaces the old answer, or joins it where several may be chosen."""
    old = tuple(a for a in answers.get(qid, ()) if a != UNKNOWN)
    return {**answers, qid: (*old, aid) if book.questions[qid].multiple else (aid,)}


def _turn(book: Book, live: Answers, group: tuple[tuple[str, str], ...], now: str) -> Turn | None:
    if len({qid for qid, _ in group}) < len(group):
        return None
    after: Answers = live
    for qid, aid in group:
        after = changed(book, after, qid, aid)
    still = _live(book, after)
    became = _weigh(book, still)[0]
    return Turn(group, became) if became != now and all(qid in still for qid, _ in group) else None


def _live(book: Book, answers: Answers) -> dict[str, tuple[str, ...]]:
    """The answers to questions that are asked; the others are left aside."""
    return {qid: answers[qid] for qid in asked(book, answers) if answers.get(qid)}


def _effects(book: Book, live: Answers) -> Iterator[Reason]:
    for qid, chosen in live.items():
        answers = book.questions[qid].answers
        for aid in chosen:
            if aid in answers:
                for effect in answers[aid].effects:
                    if holds(effect.only_if, live):
                        yield Reason(qid, aid, effect)


def _weigh(book: Book, live: Answers) -> tuple[str, int, tuple[Standing, ...], tuple[Reason, ...]]:
    """(choice, margin, standings, reasons) from answers to questions that are asked."""
    reasons = tuple(_effects(book, live))
    points = dict.fromkeys(book.options, 0)
    out: set[str] = set()
    for reason in reasons:
        if reason.effect.force is Force.RULES_OUT:
            out.add(reason.effect.option)
        else:
            points[reason.effect.option] += POINTS[reason.effect.force]
    standings = tuple(Standing(option, points[option], option in out) for option in book.options)
    beyond = next((k for k, o in book.outside.items() if o.when and wholly(o.when, live)), None)
    left = sorted((s for s in standings if not s.ruled_out), key=lambda s: -s.points)
    if beyond is None and not left:
        beyond = next(k for k, o in book.outside.items() if o.when_none_left)
    if beyond is not None:
        return beyond, 0, standings, reasons
    if len(left) == 1:  # what remains when the other is ruled out is decided, whatever its points
        return left[0].option, max(DECIDED, left[0].points), standings, reasons
    margin = left[0].points - left[1].points
    return (left[0].option if margin else LEVEL), margin, standings, reasons


def _could_turn(book: Book, live: Answers, qid: str, choice: str) -> bool:
    afters = ({**live, qid: (aid,)} for aid in book.questions[qid].answers)
    return any(_weigh(book, _live(book, after))[0] != choice for after in afters)


def _quantities(book: Book, live: Answers) -> dict[str, float]:
    """Numbers behind the answers; where several answers give one, the largest counts."""
    out: dict[str, float] = {}
    for qid, chosen in live.items():
        for aid in chosen:
            if aid in book.questions[qid].answers:
                for name, quantity in book.questions[qid].answers[aid].quantities.items():
                    out[name] = max(out.get(name, 0), quantity.value)
    return out
