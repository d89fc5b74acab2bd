"""Checks the probe's knowledge: each sign refers to something in the path, each outcome to an answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guide.book.contents import Book
from guide.model import UNKNOWN

Misread = tuple[str, str, str, str]
"""File, place in it, what was found, what is allowed."""


def misread(book: Book) -> Iterator[Misread]:
    """Every sign that means nothing here or cannot be read, and every answer that no question has."""
    places = next((question for question in book.questions.values() if question.places), None)
    allowed = {aid for aid, answer in places.answers.items() if answer.place} if places else set()
    for key, sign in book.signs.items():
        file = book.files[f"probe/signs/{key}"]
        if sign.means not in allowed:
            yield file, f"{key}.means", repr(sign.means), "the id of an entry in path/"
        if sign.header and sign.seen:
            yield file, f"{key}.seen", "a second header", "`header` or `seen`"
        for name in ("unseen", "unless"):
            if getattr(sign, name) and not sign.seen:
                yield file, f"{key}.{name}", ", ".join(getattr(sign, name)), "only with `seen`"
        if sign.says and not sign.header:
            yield file, f"{key}.says", repr(sign.says), "only with `header`"
        try:
            re.compile(sign.says or "")
        except re.error as error:
            yield file, f"{key}.says", str(error), "a regular expression"
    for key, cause in book.probe_causes.items():
        file = book.files.get(f"probe/causes/{key}", "probe/causes.yaml")
        for n, cure in enumerate(cause.cures):
            if cure.means is None and cure.setting is None:
                yield file, f"{key}.cures.{n}", "says nothing", "`means`, `setting` or both"
            elif cure.means is not None and cure.means not in allowed:
                yield file, f"{key}.cures.{n}.means", repr(cure.means), "the id of an entry in path/"
    for key in book.outcomes:
        yield from _answers(book, book.files[f"probe/answers/{key}"], key)


def _answers(book: Book, file: str, key: str) -> Iterator[Misread]:
    for qid, chosen in book.outcomes[key].answers.items():
        question = book.questions.get(qid)
        if question is None or question.derived:
            asked = [name for name, found in book.questions.items() if not found.derived]
            yield file, f"{key}.answers", f"no question is called {qid!r}", ", ".join(sorted(asked))
            continue
        for aid in set(chosen) - {*question.answers, UNKNOWN}:
            yield file, f"{key}.answers.{qid}", repr(aid), ", ".join(sorted({*question.answers, UNKNOWN}))
        if not chosen or len(chosen) > 1 and not question.multiple:
            yield file, f"{key}.answers.{qid}", f"{len(chosen)} answers", "one; more where the question is multiple"
