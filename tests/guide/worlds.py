"""Answers by the handful: every set of answers that somebody could give, drawn at random or listed in full."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product

from hypothesis import strategies as st

from guide.book import Book
from guide.decision.engine import asked_questions
from guide.model import UNKNOWN, Answers

Given = dict[str, tuple[str, ...]]


def choices(book: Book, qid: str) -> list[tuple[str, ...]]:
    """Every way to answer one question: one answer, several where that is allowed, or not sure.

    Of the things in a path, which are too many for that, one at a time.
    """
    question = book.questions[qid]
    most = len(question.answers) if question.multiple and not question.places else 1
    several = [
        chosen
        for n in range(1, most + 1)
        for chosen in combinations(question.answers, n)
        if n == 1 or not any(question.answers[aid].alone for aid in chosen)
    ]
    return [*several, (UNKNOWN,)]


def way(book: Book, qid: str) -> st.SearchStrategy[tuple[str, ...]]:
    """Some way to answer one question; of the things in a path up to four."""
    question = book.questions[qid]
    if not question.places:
        return st.sampled_from(choices(book, qid))
    together = [aid for aid, answer in question.answers.items() if not answer.alone]
    apart = [(aid,) for aid in question.answers if aid not in together]
    several = st.lists(st.sampled_from(together), min_size=1, max_size=4, unique=True)
    return st.one_of(st.sampled_from([(UNKNOWN,), *apart]), several.map(tuple))


def put(book: Book) -> list[str]:
    """The questions that are put to people."""
    return [qid for qid, question in book.questions.items() if not question.derived]


def partial(book: Book) -> st.SearchStrategy[Given]:
    """Some answers, asked for or not: people go back and change what later questions hang on."""
    return st.fixed_dictionaries({}, optional={qid: way(book, qid) for qid in put(book)})


def longest(book: Book) -> Given:
    """What takes the most room to say: all answers that go together, or the one with the longest id."""
    out: Given = {}
    for qid in put(book):
        question = book.questions[qid]
        together = tuple(aid for aid, answer in question.answers.items() if not answer.alone)
        out[qid] = together if question.multiple else (max(question.answers, key=len),)
    return out


def every_partial(book: Book) -> Iterator[Given]:
    """All of them; for toys only."""
    each = [[None, *choices(book, qid)] for qid in book.questions]
    for chosen in product(*each):
        yield {qid: c for qid, c in zip(book.questions, chosen, strict=True) if c is not None}


def live(book: Book, answers: Answers) -> Given:
    """Answers to questions that are asked."""
    return {qid: answers[qid] for qid in asked_questions(book, answers) if answers.get(qid)}
