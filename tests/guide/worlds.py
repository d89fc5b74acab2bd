"""Answers by the handful: every set of answers that somebody could give, drawn at random or listed in full."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product

from hypothesis import strategies as st

from guide.book import Book
from guide.engine import asked
from guide.model import UNKNOWN, Answers

Given = dict[str, tuple[str, ...]]


def choices(book: Book, qid: str) -> list[tuple[str, ...]]:
    """Every way to answer one question: one answer, several where that is allowed, or not sure. For toys."""
    question = book.questions[qid]
    most = len(question.answers) if question.multiple else 1
    several = [chosen for n in range(1, most + 1) for chosen in combinations(question.answers, n)]
    return [*(chosen for chosen in several if len(chosen) == 1 or not _alone(book, qid, chosen)), (UNKNOWN,)]


def partial(book: Book) -> st.SearchStrategy[Given]:
    """Some answers, asked for or not: people go back and change what later questions hang on."""
    return st.fixed_dictionaries({}, optional={qid: choice(book, qid) for qid in book.questions})


def choice(book: Book, qid: str) -> st.SearchStrategy[tuple[str, ...]]:
    """One of `choices`, drawn without listing them: the path has more subsets than there is memory."""
    question = book.questions[qid]
    one = st.sampled_from([(aid,) for aid in (*question.answers, UNKNOWN)])
    together = [aid for aid in question.answers if not _alone(book, qid, (aid,))]
    if not question.multiple:
        return one
    several = st.sets(st.sampled_from(together), min_size=1)
    return one | several.map(lambda chosen: tuple(aid for aid in question.answers if aid in chosen))


def longest(book: Book) -> Given:
    """What takes the most room to say: all answers that go together, or the one with the longest id."""
    out: Given = {}
    for qid, question in book.questions.items():
        together = tuple(aid for aid in question.answers if not _alone(book, qid, (aid,)))
        out[qid] = together if question.multiple else (max(question.answers, key=len),)
    return out


def _alone(book: Book, qid: str, chosen: tuple[str, ...]) -> bool:
    return any(book.questions[qid].answers[aid].alone for aid in chosen)


def every_partial(book: Book) -> Iterator[Given]:
    """All of them; for toys only."""
    each = [[None, *choices(book, qid)] for qid in book.questions]
    for chosen in product(*each):
        yield {qid: c for qid, c in zip(book.questions, chosen, strict=True) if c is not None}


def live(book: Book, answers: Answers) -> Given:
    """Answers to questions that are asked."""
    return {qid: answers[qid] for qid in asked(book, answers) if answers.get(qid)}
