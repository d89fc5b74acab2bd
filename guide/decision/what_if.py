"""Finds the smallest sets of changed answers that lead to another choice."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations, islice

from guide.book import Book
from guide.decision.engine import changed, choose
from guide.decision.plan import plan
from guide.model import UNKNOWN, Answers

Step = tuple[str, str]
"""One answer said anew: question id, answer id."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A smallest change of answers that leads elsewhere: none of its parts does it alone."""

    changes: tuple[Step, ...]
    becomes: str


def turning_points(book: Book, answers: Answers, most: int = 6, to: Collection[str] | None = None) -> tuple[Turn, ...]:
    """Single answers that lead elsewhere, then pairs of which neither part does; at most `most` of each.

    `to`: only those that lead to one of these choices; None for all.

    Only questions that have been answered are changed: what a missing answer could do stands in `Verdict.open`. Of the
    many things that may stand in a path, those marked as typical stand for all.
    """
    live = {qid: chosen for qid, chosen in plan(book).visible(answers)[1].items() if not book.questions[qid].derived}
    now = choose(book, live)[0]
    steps = list(_steps(book, live))
    single = [turn for step in steps if (turn := _turn(book, live, (step,), now))]
    alone = {turn.changes[0] for turn in single}
    rest = [step for step in steps if step not in alone]
    pairs = (turn for pair in combinations(rest, 2) if (turn := _turn(book, live, pair, now)))
    return (*_first(single, most, to), *_first(pairs, most, to))


def _first(turns: Iterable[Turn], most: int, to: Collection[str] | None) -> Iterator[Turn]:
    return islice((turn for turn in turns if to is None or turn.becomes in to), most)


def _steps(book: Book, live: Answers) -> Iterator[Step]:
    for qid, chosen in live.items():
        question = book.questions[qid]
        for aid, answer in question.answers.items():
            if aid not in chosen and not (question.places and not answer.typical):
                yield qid, aid


def _turn(book: Book, live: Answers, group: tuple[Step, ...], now: str) -> Turn | None:
    if len({qid for qid, _ in group}) < len(group):
        return None
    after: Answers = live
    for qid, aid in group:
        after = changed(book, after, qid, aid)
    became = choose(book, after)[0]
    if became == now:
        return None
    still = plan(book).visible(after)[1]
    return Turn(group, became) if all(qid in still for qid, _ in group) else None


def worth_finding(book: Book, answers: Answers) -> tuple[tuple[str, tuple[Turn, ...]], ...]:
    """Questions answered 'not sure' that could turn the choice, each with what its answers would lead to.

    In the order in which they are worth the trouble: those with more ways to turn it first.
    """
    live = {qid: chosen for qid, chosen in plan(book).visible(answers)[1].items() if not book.questions[qid].derived}
    now = choose(book, live)[0]
    found = []
    for qid, chosen in live.items():
        if chosen == (UNKNOWN,):
            steps = [step for step in _steps(book, live) if step[0] == qid]
            turns = tuple(turn for step in steps if (turn := _turn(book, live, (step,), now)))
            if turns:
                found.append((qid, turns))
    return tuple(sorted(found, key=lambda item: -len(item[1])))
