"""Checks what leads to answers and facts by name: traces in repositories, and names of older rules."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guide.book.contents import Book
from guide.model import UNKNOWN

Mistake = tuple[str, str, str, str]
"""File, place in it, what was found, what is allowed."""


def misnamed(book: Book) -> Iterator[Mistake]:
    """Every trace and every older name that leads nowhere."""
    yield from _traces(book)
    for old, new in book.renamed.items():
        yield from _answer(book, old, str(new)) if "." in old else _fact(book, old, str(new))


def _traces(book: Book) -> Iterator[Mistake]:
    for key, trace in book.traces.items():
        qid, _, aid = trace.answer.partition(".")
        question = book.questions.get(qid)
        if question is None or question.derived or aid not in question.answers:
            yield "traces.yaml", f"{key}.answer", repr(trace.answer), "a question that is asked, and its answer"
        try:
            found = re.search(as_python(trace.find), trace.example)
        except re.error as error:
            yield "traces.yaml", f"{key}.find", str(error), "a regular expression"
            continue
        if wrong := re.search(r"\\[a-zA-Z]", trace.find):
            yield (
                "traces.yaml",
                f"{key}.find",
                repr(wrong[0]),
                "what every grep knows, as [[:space:]]",
            )
        if not found:
            yield "traces.yaml", f"{key}.example", repr(trace.example), "a line that `find` finds"


def as_python(find: str) -> str:
    """A POSIX expression for Python, which has no names of classes of characters."""
    return find.replace("[:space:]", r"\s").replace("[:alnum:]", "a-zA-Z0-9")


def _answer(book: Book, old: str, new: str) -> Iterator[Mistake]:
    qid, _, aid = new.partition(".")
    question = book.questions.get(qid)
    if new and (question is None or not (aid == UNKNOWN or aid in question.answers)):
        yield "renamed.yaml", old, repr(new), "a question and an answer of today, as in path.nginx"
    was, _, said = old.partition(".")
    if was in book.questions and said in book.questions[was].answers:
        yield "renamed.yaml", old, "is an answer of today", "an answer of older rules"


def _fact(book: Book, old: str, new: str) -> Iterator[Mistake]:
    if old in book.facts:
        yield "renamed.yaml", old, "is a fact of today", "a fact of older rules"
    if new not in book.facts:
        yield "renamed.yaml", old, repr(new), "a fact of today"
