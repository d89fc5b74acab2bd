"""Cards come in the order that settles the transport soonest: within a chapter, no swap of neighbours is better."""

from __future__ import annotations

import itertools
import random
import statistics
from collections.abc import Mapping
from dataclasses import replace

from guide import book as books
from guide.book import Book
from guide.decision.engine import cards, decide
from guide.decision.score import PUBLISHED, answers_of, read_cases, scoring
from guide.model import UNKNOWN
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


def cards_needed(book: Book, everything: Mapping[str, tuple[str, ...]]) -> int:
    """How many cards somebody answers until no further answer can change the transport."""
    given: dict[str, tuple[str, ...]] = {}
    done: list[str] = []
    while (card := next((lead for lead in cards(book, given) if lead not in done), None)) is not None:
        verdict = decide(book, given)
        if verdict.settled and verdict.reasons:
            break
        done.append(card)
        while left := [qid for qid in cards(book, given)[card] if qid not in given]:
            given[left[0]] = everything.get(left[0], (UNKNOWN,))
    return len(done)


def test_six_answers_settle_the_transport_of_most() -> None:
    mapping = scoring(OURS)
    open_cases = [answers_of(case, mapping) for case in read_cases(PUBLISHED.read_text(encoding="utf-8"))]
    assert statistics.median(cards_needed(OURS, case) for case in open_cases) <= 6
    assert statistics.median(cards_needed(OURS, one) for one in visitors()) <= 6


def test_no_swap_of_neighbours_settles_sooner() -> None:
    everyone = visitors()
    on_card: dict[str, list[str]] = {}
    for qid, question in OURS.questions.items():
        on_card.setdefault(question.card or qid, []).append(qid)

    def total(order: list[str]) -> int:
        questions = {qid: OURS.questions[qid] for lead in order for qid in on_card[lead]}
        return sum(cards_needed(replace(OURS, questions=questions), one) for one in everyone)

    today = list(on_card)
    best = total(today)
    better = {}
    for at, (first, second) in enumerate(itertools.pairwise(today)):
        one, two = OURS.questions[first], OURS.questions[second]
        later = [condition for qid in on_card[second] for condition in OURS.questions[qid].only_if]
        if one.chapter != two.chapter or set(later) & set(on_card[first]) or two.derived:
            continue
        swapped = [*today[:at], second, first, *today[at + 2 :]]
        if (count := total(swapped)) < best:
            better[first, second] = count
    assert better == {}, f"{best} answers in all today"
