"""Prepares every fact for browsing: where it is used, its topic, its age."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from guide.book import Book
from guide.book.checks import citations
from guide.model import Fact, Folklore


@dataclass(frozen=True)
class Use:
    """A place that cites a fact, in words that a reader knows."""

    kind: str
    """effect, limit, outside, pattern, need, row, clash, folklore, symptom or starter: `library.use.KIND` says it."""
    name: str
    detail: str = ""
    """The answer of an effect; where in the path a limit stands."""
    force: str = ""
    option: str = ""


@dataclass(frozen=True)
class Entry:
    """One fact on the shelf."""

    id: str
    fact: Fact
    file: str
    """Where it stands, seen from the knowledge folder: `facts/path.yaml`."""
    topic: str
    """That file's name without its ending."""
    uses: tuple[Use, ...]


@dataclass(frozen=True)
class Told:
    """One claim that goes round, with the facts that answer it."""

    id: str
    folklore: Folklore
    facts: tuple[tuple[str, Fact], ...]


@dataclass(frozen=True)
class Stale:
    """A fact that nobody has held against its source for a while."""

    id: str
    fact: Fact
    file: str
    age: int
    """Days since it was checked."""
    uses: int
    """How many places would have to be looked at if it fell."""


def shelf(book: Book) -> tuple[Entry, ...]:
    """Every fact, in the order of the files."""
    used: dict[str, list[Use]] = {}
    for fact, use in _uses(book):
        found = used.setdefault(fact, [])
        if use not in found:  # one answer may cite it for several limits: that is one place to a reader
            found.append(use)
    return tuple(_entry(book, key, fact, tuple(used.get(key, ()))) for key, fact in book.facts.items())


def _entry(book: Book, key: str, fact: Fact, uses: tuple[Use, ...]) -> Entry:
    file = book.files.get(f"facts/{key}", "")
    return Entry(key, fact, file, PurePosixPath(file).stem, uses)


def topics(entries: Iterable[Entry]) -> dict[str, int]:
    """Each topic with the number of its facts, in the order in which they stand."""
    out: dict[str, int] = {}
    for entry in entries:
        out[entry.topic] = out.get(entry.topic, 0) + 1
    return out


def chosen(
    entries: Iterable[Entry], basis: str = "", topic: str = "", only: Collection[str] | None = None
) -> list[Entry]:
    """The entries that every filter lets through.

    `basis`, `topic`: empty lets everything through. `only`: ids of facts; None lets everything through.
    """
    return [
        entry
        for entry in entries
        if basis in ("", entry.fact.basis) and topic in ("", entry.topic) and (only is None or entry.id in only)
    ]


def folklore(book: Book) -> tuple[Told, ...]:
    """Every claim that goes round, in the order of its file."""
    return tuple(
        Told(key, told, tuple((fact, book.facts[fact]) for fact in told.facts)) for key, told in book.folklore.items()
    )


def stale(book: Book, today: datetime.date, days: int) -> list[Stale]:
    """Facts checked more than `days` days before `today`, the oldest first."""
    aged = [(entry, (today - entry.fact.checked).days) for entry in shelf(book)]
    found = [Stale(e.id, e.fact, e.file, age, len(e.uses)) for e, age in aged if age > days]
    return sorted(found, key=lambda s: (-s.age, s.id))


def _uses(book: Book) -> Iterator[tuple[str, Use]]:
    """(id of a fact, a place that cites it)"""
    for entry, path, facts in citations(book):
        use = _use(book, entry, path)
        for fact in facts:
            yield fact, use


def _use(book: Book, entry: str, path: str) -> Use:
    where, key = entry.split("/", 1)
    if where == "questions":
        question = book.questions[key]
        answer = question.answers[path.split(".")[1]]
        effect = answer.effects[int(path.split(".")[3])]
        option = book.options[effect.option].short
        return Use("effect", question.title, answer.text, effect.force.value, option)
    if where == "path":
        question = next(q for q in book.questions.values() if key in q.answers and q.answers[key].limits)
        place = question.places.get(question.answers[key].place or "")
        return Use("limit", question.answers[key].text, place.title if place else "")
    if where in ("starter", "probe"):
        return Use(where, key)
    item = getattr(book, where)[key]
    told = next(getattr(item, name) for name in ("name", "title", "said", "seen", "sentence") if hasattr(item, name))
    return Use(_KINDS[where], told)


_KINDS = {
    "outside": "outside",
    "patterns": "pattern",
    "needs": "need",
    "rows": "row",
    "clashes": "clash",
    "folklore": "folklore",
    "symptoms": "symptom",
}
"""What the parts of the book are called here, where one entry is meant."""
