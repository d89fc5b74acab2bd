"""Compares a saved record with what the guide says today: its verdict, and every fact that it cites.

A changed hash of the rules says nothing by itself: it changes with every fact. What counts is what the record rests on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from guide.book import Book
from guide.book.link import NOTHING
from guide.record.saved_record import Loaded, RecordError, SavedProof, Then, UnknownAnswers, load, since
from guide.report.report import Report, build


class Level(StrEnum):
    """How much a finding matters."""

    TURNED = "turned"
    """The verdict is another one."""
    MOVED = "moved"
    """The verdict stands, and something that it rests on is otherwise: a figure, a claim, how sure it is, a need."""
    UNKNOWN = "unknown"
    """The guide no longer has what the record cites or answers, or the file does not say what was decided."""
    RECHECKED = "re-checked"
    """A fact was held against its source once more, and nothing else."""
    UNREADABLE = "unreadable"
    """The file is no record. It is a mistake of whoever asked, and no finding about the guide."""


About = Literal["verdict", "strength", "reason", "need", "fact", "answer", "record"]
FACT_FIELDS = ("figure", "claim", "scope")


@dataclass(frozen=True)
class Finding:
    """One thing that is not as the record says. `then` and `now`: texts; empty where there was, or is, nothing."""

    level: Level
    about: About
    id: str
    then: str
    now: str

    @property
    def name(self) -> str:
        return f"{self.about} {self.id}" if self.id else self.about

    @property
    def sentence(self) -> str:
        """In one line; texts of a file stand in it as they are."""
        if self.level is Level.UNREADABLE:
            return self.then
        parts = [f'was "{self.then}"'] if self.then else []
        parts += [f'is "{self.now}"' if self.then else f'new: "{self.now}"'] if self.now else ["nothing of today"]
        return f"{self.name}: {', '.join(parts)}"


@dataclass(frozen=True)
class Watched:
    """A record and what was found about it, the weightiest first."""

    file: str
    title: str
    findings: tuple[Finding, ...]

    def of(self, *levels: Level) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.level in levels)


def watch(book: Book, file: str, text: bytes) -> Watched:
    """Compare the record in a file's text with today. Never raises for what the file holds."""
    try:
        loaded = load(text, book)
    except UnknownAnswers as error:
        return Watched(file, "", (Finding(Level.UNKNOWN, "answer", "", str(error), ""),))
    except RecordError as error:
        return unreadable(file, str(error))
    order = [*Level]
    findings = sorted(compare(book, loaded), key=lambda finding: order.index(finding.level))
    return Watched(file, loaded.record.title, tuple(findings))


def unreadable(file: str, why: str) -> Watched:
    """A file that cannot be compared."""
    return Watched(file, "", (Finding(Level.UNREADABLE, "record", "", why, ""),))


def compare(book: Book, loaded: Loaded) -> Iterator[Finding]:
    """All that differs between a record and today."""
    advice = build(book, loaded.record.answers)
    if loaded.then is None:
        yield Finding(Level.UNKNOWN, "verdict", "", "the file does not say what the rules said", "")
    else:
        yield from _verdict(loaded.then, advice)
        same = loaded.record.chosen == advice.verdict.choice
        yield from _content(loaded.then, advice if same else build(book, loaded.record.answers, loaded.record.chosen))
    for name in loaded.moved:
        old, _, new = name.partition(" → ")
        if new == NOTHING:
            yield Finding(Level.UNKNOWN, "answer", old, "was given", "")
    if loaded.unread or (advice.sources and not loaded.sources):
        unread = f"{loaded.unread} of the cited facts cannot be read" if loaded.unread else "the file cites no fact"
        yield Finding(Level.UNKNOWN, "fact", "", unread, "")
    for proof in loaded.sources:
        yield from _fact(book, proof)


def _verdict(then: Then, today: Report) -> Iterator[Finding]:
    now = today.verdict
    if then.choice != now.choice:
        was, is_now = f"{then.choice}: {then.headline}".rstrip(": "), f"{now.choice}: {today.headline}"
        yield Finding(Level.TURNED, "verdict", "", was, is_now)
    elif then.strength and then.strength != now.strength:
        yield Finding(Level.MOVED, "strength", "", then.strength, now.strength)


def _content(then: Then, today: Report) -> Iterator[Finding]:
    found = since(then, today)
    for text in found.new_reasons:
        yield Finding(Level.MOVED, "reason", "", "", text)
    for text in found.gone_reasons:
        yield Finding(Level.MOVED, "reason", "", text, "")
    for text in found.new_needs:
        yield Finding(Level.MOVED, "need", "", "", text)
    for text in found.gone_needs:
        yield Finding(Level.MOVED, "need", "", text, "")


def _fact(book: Book, proof: SavedProof) -> Iterator[Finding]:
    """A fact that has got another name since is compared under its name of today."""
    id = book.renamed.get(proof.fact, proof.fact)
    fact = book.facts.get(id)
    if fact is None:
        yield Finding(Level.UNKNOWN, "fact", proof.fact, proof.claim, "")
        return
    moved = False
    for field in FACT_FIELDS:
        was, now = getattr(proof, field), getattr(fact, field)
        if was != now:
            moved = True
            yield Finding(Level.MOVED, "fact", f"{id} ({field})", was, now)
    if not moved and proof.checked != fact.checked.isoformat():
        yield Finding(Level.RECHECKED, "fact", id, proof.checked, fact.checked.isoformat())
