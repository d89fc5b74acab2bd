"""Questions come in the order that settles the transport soonest: within a chapter, no swap of neighbours is better."""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping
from dataclasses import replace

from guide import book as books
from guide.book import Book
from guide.decision.engine import decide, next_question
from tests.guide.worlds import Given

OURS = books.book()
VISITORS = 100


def visitors() -> list[Given]:
    """Seeded answers to everything, each equally likely; a path of two things, as people have."""
    dice = random.Random(1)
    everyone: list[Given] = []
    for _ in range(VISITORS):
        answers: dict[str, tuple[str, ...]] = {
            key: (dice.choice([*q.answers]),) for key, q in OURS.questions.items() if not q.derived
        }
        answers["path"] = tuple(dice.sample([key for key, a in OURS.questions["path"].answers.items() if a.place], 2))
        everyone.append(answers)
    return everyone


def answers_needed(book: Book, everything: Mapping[str, tuple[str, ...]]) -> int:
    given: dict[str, tuple[str, ...]] = {}
    while (question := next_question(book, given)) is not None:
        verdict = decide(book, given)
        if verdict.settled and verdict.reasons:
            break
        given[question] = everything[question]
    return len(given)


def test_no_swap_of_neighbours_settles_sooner() -> None:
    everyone = visitors()

    def total(order: list[str]) -> int:
        book = replace(OURS, questions={key: OURS.questions[key] for key in order})
        return sum(answers_needed(book, one) for one in everyone)

    today = [*OURS.questions]
    best = total(today)
    better = {}
    for at, (first, second) in enumerate(itertools.pairwise(today)):
        one, two = OURS.questions[first], OURS.questions[second]
        if one.chapter != two.chapter or first in two.only_if or two.derived:
            continue
        swapped = [*today[:at], second, first, *today[at + 2 :]]
        if (count := total(swapped)) < best:
            better[first, second] = count
    assert better == {}, f"{best} answers in all today"
