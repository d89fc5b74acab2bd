"""Answers by the handful: every set of answers that somebody could give, drawn at random or listed in full."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product

from hypothesis import strategies as st

from guide.book import Book
from guide.engine import asked
from guide.model import UNKNOWN, Answers

Given = dict[str, tuple[str, ...]]


SEVERAL = 8
"""Up to so many answers every combination is drawn; of more, as in the path, pairs and all of them together."""


def choices(book: Book, qid: str) -> list[tuple[str, ...]]:
    """The ways to answer one question: one answer, several where that is allowed, or not sure."""
    question = book.questions[qid]
    answers = tuple(question.answers)
    few = len(answers) <= SEVERAL
    most = 1 if not question.multiple else len(answers) if few else 2
    several = [chosen for n in range(1, most + 1) for chosen in combinations(answers, n)]
    whole = [answers] if question.multiple and not few else []
    return [*several, *whole, (UNKNOWN,)]


def partial(book: Book) -> st.SearchStrategy[Given]:
    """Some answers, asked for or not: people go back and change what later questions hang on."""
    return st.fixed_dictionaries({}, optional={qid: st.sampled_from(choices(book, qid)) for qid in book.questions})


def every_partial(book: Book) -> Iterator[Given]:
    """All of them; for toys only."""
    each = [[None, *choices(book, qid)] for qid in book.questions]
    for chosen in product(*each):
        yield {qid: c for qid, c in zip(book.questions, chosen, strict=True) if c is not None}


def live(book: Book, answers: Answers) -> Given:
    """Answers to questions that are asked."""
    return {qid: answers[qid] for qid in asked(book, answers) if answers.get(qid)}
