"""Selects what the lab shows of a verdict: the scenario that bears it out, and the figures and client it plays with."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from guide.book import Book
from guide.decision.engine import Verdict, client
from guide.decision.path import passage
from guide.decision.plan import plan


@dataclass(frozen=True)
class Shown:
    """What the lab takes from the answers, so that it shows what the recommendation says."""

    numbers: dict[str, float] = field(default_factory=dict)
    """Seconds: `silence` and `length` as answered, `heartbeat` as recommended, `limit` of the path on silence."""
    limit_by: str = ""
    """What in the path has that limit; empty where no part of it is known to end the user's silence."""
    reader: str = "eventsource"
    """What reads the event stream in the design for these answers: `eventsource`, `fetch` or `post`."""


def pointed(book: Book, verdict: Verdict) -> str | None:
    """A scenario's id; None where no fact behind the verdict can be seen in the lab."""
    cited = [book.facts[fact] for reason in verdict.reasons for fact in reason.effect.facts]
    seen = Counter(fact.see for fact in cited if fact.see)
    return min(seen, key=lambda name: (-seen[name], name)) if seen else None


def shown(book: Book, verdict: Verdict) -> Shown:
    """What the lab plays with for this verdict."""
    numbers = dict(verdict.quantities)
    found = passage(book, tuple(verdict.live.get(plan(book).path or "", ())), numbers)
    if found.heartbeat is not None:
        numbers["heartbeat"] = found.heartbeat
    by = ""
    idle = [f for f in found.found if f.limit.trouble == "silence" and f.limit.after and f.bites]
    if shortest := min(idle, key=lambda f: f.limit.after or 0, default=None):
        numbers["limit"] = shortest.limit.after or 0
        by = book.questions[plan(book).path or ""].answers[shortest.tier].text
    return Shown(numbers, by, client(book, verdict.live, "sse") or "eventsource")
