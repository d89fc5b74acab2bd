"""Selects the starter project for a decision: the value of each axis, and with them the files. Reads no file.

The first axis follows from the shape of the recommendation, the others from the answers (knowledge/starter.yaml).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from guide.book import Book
from guide.decision.engine import LEVEL, asked_questions, holds, pattern
from guide.decision.plan import compiled, meets
from guide.model import UNKNOWN, Answers, Axes, AxisValue, StarterLack


@dataclass(frozen=True)
class Variant:
    """One of the projects that can be made."""

    option: str
    """The transport that it carries."""
    axes: Mapping[str, str]
    files: Mapping[str, str | None]
    """Path in the project -> its source in the knowledge folder; None where it is made of the answers."""


def variants(book: Book, answers: Answers, choice: str) -> tuple[Variant, ...]:
    """The projects for `choice`: one; for a level choice one a transport; none where it lies outside."""
    options = [option for option in book.options if choice in (option, LEVEL)] if book.starter.files else []
    return tuple(_variant(book, answers, option) for option in options)


def lacking(book: Book, answers: Answers, variant: Variant) -> tuple[StarterLack, ...]:
    """What these answers ask for and the project does not do."""
    given, shape = _given(book, answers), pattern(book, answers, variant.option)
    return tuple(
        lack
        for lack in book.starter.lacks.values()
        if (not lack.patterns or shape in lack.patterns)
        and holds(lack.when, given)
        and fits_axes(lack.only, variant.axes)
    )


def fits_axes(condition: Axes, axes: Mapping[str, str]) -> bool:
    """Whether every axis named has one of the values allowed."""
    return all(axes[axis] in allowed for axis, allowed in condition.items())


def _variant(book: Book, answers: Answers, option: str) -> Variant:
    given = _given(book, answers)
    first, *others = book.starter.axes
    axes = {first: book.patterns[pattern(book, answers, option) or ""].program or ""}
    for axis in others:
        axes[axis] = next(one.value for one in book.starter.axes[axis] if _fits(one, given, axes))
    return Variant(option, axes, _files(book, axes))


def _given(book: Book, answers: Answers) -> Answers:
    visible = set(asked_questions(book, answers))
    return {qid: (qid in visible and answers.get(qid)) or (UNKNOWN,) for qid in book.questions}


def _fits(one: AxisValue, given: Answers, axes: Mapping[str, str]) -> bool:
    return holds(one.when, given) and not meets(compiled(one.unless), given) and fits_axes(one.only, axes)


def _files(book: Book, axes: Mapping[str, str]) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for path, file in book.starter.files.items():
        source = next((source.file for source in file.sources if fits_axes(source.when, axes)), None)
        if source or not file.sources:
            found[path] = source
    return found
