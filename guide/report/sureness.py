"""Says in words how sure a verdict is, and what that rests on: for the page, the comparison and the record alike."""

from __future__ import annotations

from guide.book import Book
from guide.decision.agreement import MOST_MARGIN, agreements
from guide.decision.engine import DECIDED, Verdict
from guide.decision.robustness import shares


def strength(book: Book, verdict: Verdict) -> str:
    """How sure the recommendation is."""
    words = book.words
    if verdict.kind == "outside":
        return words["verdict.outside"]
    if verdict.kind == "level":
        return words["verdict.level_strength" if verdict.reasons else "verdict.open_strength"]
    n = len(verdict.turnable)
    fill = {"margin": verdict.margin, "n": n, "name": ""}
    key = f"verdict.{verdict.strength}"
    if out := [s.option for s in verdict.standings if s.ruled_out]:
        fill["name"] = book.options[out[0]].name
        key = "verdict.ruled_out_open" if n else "verdict.ruled_out"
    elif n and verdict.margin >= DECIDED:
        key = "verdict.leaning_open"
    return words[f"{key}_one" if n == 1 and key.endswith("_open") else key].format(**fill)


def basis(book: Book, verdict: Verdict) -> tuple[str, ...]:
    """What it rests on: whether our weights matter, and how published decisions went.
    Nothing where nothing was weighed, or where a side was ruled out: then neither had a say.
    """
    if verdict.kind == "outside" or not verdict.reasons or any(s.ruled_out for s in verdict.standings):
        return ()
    if verdict.kind == "level":
        return (book.words["share.level"],)
    holds = shares(verdict)[verdict.choice] == 1
    leaning = "_leaning" if verdict.strength == "leaning" else ""
    said = [book.words[f"share.holds{leaning}" if holds else "share.tips"]]
    found = agreements(book).get(min(verdict.margin, MOST_MARGIN))
    if found:
        key = "share.agreed_most" if verdict.margin >= MOST_MARGIN else "share.agreed"
        said.append(book.words[key].format(right=found.right, all=found.all))
    return tuple(said)
