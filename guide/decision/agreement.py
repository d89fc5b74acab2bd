"""Counts how published decisions went where the guide has the same margin: what a verdict's certainty rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from guide.book import Book
from guide.decision.score import PUBLISHED, Scoring, read_cases, score, scoring

MOST_MARGIN = 3


@dataclass(frozen=True)
class Agreement:
    """How published decisions went where the guide has the same margin."""

    right: int
    all: int


def agreements(book: Book) -> Mapping[int, Agreement]:
    """By margin: how many of the open published decisions with it chose the side that the guide recommends.

    A margin that few of them have tells little, so all from MOST_MARGIN on are counted together. Nothing for a book
    that asks other questions than the cases answer. Counted once, and kept with the book.
    """
    found: Mapping[int, Agreement] | None = book.__dict__.get("_agreements")
    if found is None:
        try:
            found = _agreements(book, scoring(book))
        except ValueError:
            found = {}
        book.__dict__["_agreements"] = found
    return found


def _agreements(book: Book, mapping: Scoring) -> Mapping[int, Agreement]:
    results: dict[int, list[bool]] = {}
    for outcome in score(book, read_cases(PUBLISHED.read_text(encoding="utf-8")), mapping).outcomes:
        if outcome.verdict.kind == "option":
            results.setdefault(min(outcome.verdict.margin, MOST_MARGIN), []).append(outcome.result == "right")
    return {margin: Agreement(sum(right), len(right)) for margin, right in sorted(results.items())}
