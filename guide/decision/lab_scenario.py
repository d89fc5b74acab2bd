"""Selects the lab scenario that shows most of the facts behind a verdict."""

from __future__ import annotations

from collections import Counter

from guide.book import Book
from guide.decision.engine import Verdict


def pointed(book: Book, verdict: Verdict) -> str | None:
    """A scenario's id; None where no fact behind the verdict can be seen in the lab."""
    cited = [book.facts[fact] for reason in verdict.reasons for fact in reason.effect.facts]
    seen = Counter(fact.see for fact in cited if fact.see)
    return min(seen, key=lambda name: (-seen[name], name)) if seen else None
