"""Checks the entries about the network path: valid places, names that lead to one entry, limits that are consistent."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from guide.book.contents import Book
from guide.model import Answer, PathLimit, Question, Trouble

Misfit = tuple[str, str, str, str]
"""Entry, path in it, what was found, what is allowed."""


def place_of(book: Book, qid: str, aid: str) -> tuple[str, str]:
    """Where an answer is written: its entry, and what leads to it there. What stands in the path is its own entry."""
    if book.questions[qid].places and f"path/{aid}" in book.files:
        return f"path/{aid}", ""
    return f"questions/{qid}", f"answers.{aid}."


def misfits(book: Book) -> Iterator[Misfit]:
    """Whatever stands where it cannot, excludes where only one is chosen, or has a limit that contradicts itself."""
    for qid, question in book.questions.items():
        if len(question.answers) < 2:
            yield f"questions/{qid}", "answers", f"{len(question.answers)} in all", "two or more"
        for aid, answer in question.answers.items():
            entry, inside = place_of(book, qid, aid)
            if answer.alone and not question.multiple:
                yield entry, f"{inside}alone", "true", "only where the question is multiple"
            for part, found, allowed in _place(question, answer, entry.startswith("path/")):
                yield entry, inside + part, found, allowed
            for n, limit in enumerate(answer.limits):
                for part, found, allowed in _limit(limit, book.options):
                    yield entry, f"{inside}limits.{n}.{part}", found, allowed
        for aid, n, found, allowed in _aliases(question):
            entry, inside = place_of(book, qid, aid)
            yield entry, f"{inside}aliases.{n}", found, allowed


def _place(question: Question, answer: Answer, in_path: bool) -> Iterator[tuple[str, str, str]]:
    known = ", ".join(sorted(question.places)) or "none: the question has no places"
    if answer.place is not None and answer.place not in question.places:
        yield "place", repr(answer.place), known
    elif answer.place is None and answer.limits:
        yield "limits", "limits without a place", "limits on what has a place"
    elif answer.place is None and in_path:
        yield "place", "no place", known


def _aliases(question: Question) -> Iterator[tuple[str, int, str, str]]:
    """A name leads to one thing in its stretch, and says what the text does not say already."""
    taken: dict[tuple[str | None, str], tuple[str, int]] = {}
    for aid, answer in question.answers.items():
        for n, alias in enumerate(answer.aliases):
            first = taken.setdefault((answer.place, alias.casefold()), (aid, n))
            if answer.place is None:
                yield aid, n, f"{alias!r} without a place", "aliases of what has a place"
            elif alias.casefold() == answer.text.casefold():
                yield aid, n, f"{alias!r} is its text", "another name"
            elif first != (aid, n):
                yield aid, n, f"{alias!r} is a name of {first[0]!r} too", "a name given once in this stretch"


def _limit(limit: PathLimit, options: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    if limit.option is not None and limit.option not in options:
        yield "option", repr(limit.option), ", ".join(sorted(options))
    if limit.after is None and limit.trouble is Trouble.SILENCE:
        yield "after", f"{limit.trouble} without it", "seconds"
    if limit.after is not None and limit.trouble not in (Trouble.SILENCE, Trouble.LENGTH):
        yield "after", f"{limit.trouble} with it", "seconds, for silence and length only"
    if limit.most is not None and limit.most < (limit.after or math.inf):
        yield "most", f"{limit.most:g}", "no less than `after`, and not without it"
    if limit.fixable and not limit.setting:
        yield "setting", "none", "what to set, since it is fixable"
    if limit.trouble is Trouble.SILENCE and not limit.fixable:
        yield "fixable", "false", "true: a heartbeat cures silence"
