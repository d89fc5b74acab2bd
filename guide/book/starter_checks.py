"""Checks the manifest of the starter project: axes with values, sources that exclude each other, known needs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from guide.book.contents import Book
from guide.model import Axes, AxisValue, Condition

Found = tuple[str, str, str]
"""Place, what was found, what is allowed."""
Misplaced = tuple[str, str, str, str]
"""File, and in it place, what was found, what is allowed."""


def misplaced(book: Book) -> Iterator[Misplaced]:
    """Every axis that may end without a value, and every name that the manifest uses and nobody knows."""
    if not book.starter.files:
        return
    for place, found, allowed in (*_values(book), *_names(book), *_overlaps(book)):
        yield "starter.yaml", place, found, allowed
    for place, found, allowed in _programs(book):
        yield "patterns.yaml", place, found, allowed


def asked(book: Book) -> Iterator[tuple[str, Condition]]:
    """(place, condition) of every value that depends on answers."""
    for axis, choices in book.starter.axes.items():
        for n, one in enumerate(choices):
            yield f"axes.{axis}.{n}.when", one.when
            yield f"axes.{axis}.{n}.unless", one.unless
    for key, lack in book.starter.lacks.items():
        yield f"lacks.{key}.when", lack.when


def cited(book: Book) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """(file, place in it, facts) of every source."""
    for key, file in book.starter.files.items():
        for n, source in enumerate(file.sources):
            yield key, f"sources.{n}.facts", source.facts


def _names(book: Book) -> Iterator[Found]:
    values = {axis: {one.value for one in choices} for axis, choices in book.starter.axes.items()}
    for place, axes in _conditions(book):
        for axis, allowed in axes.items():
            if axis not in values:
                yield place, f"no axis is called {axis!r}", ", ".join(values)
            for value in set(allowed) - values.get(axis, set(allowed)):
                yield f"{place}.{axis}", repr(value), ", ".join(sorted(values[axis]))
    for need in set(book.starter.built) - set(book.needs):
        yield f"built.{need}", "no such need", "the id of an entry in needs.yaml"
    for key, lack in book.starter.lacks.items():
        for pattern in set(lack.patterns) - set(book.patterns):
            yield f"lacks.{key}.patterns", repr(pattern), "the id of an entry in patterns.yaml"
        if not lack.patterns and not lack.when:
            yield f"lacks.{key}", "no condition", "`patterns` or `when`: what is always left stands in the README"


def _overlaps(book: Book) -> Iterator[Found]:
    for key, file in book.starter.files.items():
        for (m, first), (n, second) in combinations(enumerate(file.sources), 2):
            if _together(first.when, second.when):
                yield f"files.{key}.sources.{n}", f"may hold together with sources.{m}", "one source at a time"


def _programs(book: Book) -> Iterator[Found]:
    """Patterns that lead to no project though their option is a transport."""
    first = [one.value for one in next(iter(book.starter.axes.values()), ())]
    for key, pattern in book.patterns.items():
        transport = pattern.option in book.options
        if pattern.program not in (first if transport else [None]):
            yield f"{key}.program", repr(pattern.program), ", ".join(first) if transport else "none: two projects fit"


def _values(book: Book) -> Iterator[Found]:
    earlier: set[str] = set()
    for number, (axis, choices) in enumerate(book.starter.axes.items()):
        place = f"axes.{axis}"
        if number == 0:
            if any(one.when or one.unless or one.only for one in choices):
                yield place, "a condition", "values only: patterns name them"
        elif not choices or not _always(choices[-1]):
            yield place, "no value that always holds", "a last value without a condition"
        for n, one in enumerate(choices):
            for other in set(one.only) - earlier:
                yield f"{place}.{n}.only", repr(other), f"an earlier axis: {', '.join(sorted(earlier))}"
        earlier.add(axis)


def _always(one: AxisValue) -> bool:
    return not (one.when or one.unless or one.only)


def _conditions(book: Book) -> Iterator[tuple[str, Axes]]:
    starter = book.starter
    for axis, choices in starter.axes.items():
        for n, one in enumerate(choices):
            yield f"axes.{axis}.{n}.only", one.only
    for key, file in starter.files.items():
        for n, source in enumerate(file.sources):
            yield f"files.{key}.sources.{n}.when", source.when
    for key, package in starter.packages.items():
        yield f"packages.{key}.when", package.when
    for key, axes in starter.built.items():
        yield f"built.{key}", axes
    for key, lack in starter.lacks.items():
        yield f"lacks.{key}.only", lack.only


def _together(one: Axes, other: Axes) -> bool:
    """Whether some project fits both."""
    return all(set(one[axis]) & set(other[axis]) for axis in set(one) & set(other))
