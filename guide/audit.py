"""Commands that check the guide itself: `python -m guide check | score [FILE] | prove | stale`."""

from __future__ import annotations

import argparse
import datetime
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from guide.book import Book
from guide.decision import score as scores
from guide.decision.proof import prove
from guide.decision.score import PUBLISHED
from guide.decision.score_output import score_as_dict, score_as_text
from guide.report.library import Stale, stale


def add(commands: Any) -> None:
    """Add these commands to a parser's subparsers."""
    commands.add_parser("check", help="name every mistake in the knowledge folder")
    scored = commands.add_parser("score", help="hold the rules against published decisions")
    scored.add_argument("file", type=Path, nargs="?", default=PUBLISHED, help="a case file; ours where none is given")
    scored.add_argument("--format", choices=["text", "json"], default="text")
    commands.add_parser(
        "prove",
        help="hold the laws against every combination of answers",
        epilog="exit code: 1 where a law is broken, a choice has no reason or an effect never applies",
    )
    old = commands.add_parser(
        "stale",
        help="list facts that were checked too long ago",
        epilog="exit code: 0 nothing is stale, 1 something is",
    )
    old.add_argument("--older-than", type=_days, required=True, metavar="DAYS", help="a whole number, 0 or more")
    old.add_argument("--today", type=_day, help="count from this day instead, as 2026-11-23")
    old.add_argument("--format", choices=["text", "json"], default="text")


def _check(book: Book, args: argparse.Namespace) -> int:
    print(
        f"{len(book.questions)} questions, {len(book.facts)} facts, {len(book.needs)} needs, "
        f"{len(book.patterns)} patterns, {len(book.cases)} cases: no mistakes. Rules {book.version} ({book.hash})."
    )
    return 0


def _score(book: Book, args: argparse.Namespace) -> int:
    cases = scores.read_cases(args.file.read_text(encoding="utf-8"))
    found = scores.score(book, cases, scores.scoring(book, args.knowledge))
    if args.format == "json":
        print(json.dumps(score_as_dict(found), ensure_ascii=False, indent=2))
    else:
        print(score_as_text(found))
    return 0


def _prove(book: Book, args: argparse.Namespace) -> int:
    """Exit code 1 where a law is broken, a verdict has no reason or an effect never applies."""
    proof = prove(book)
    print(f"{proof.combinations:,} combinations of answers that reach the choice")
    for choice, number in sorted(proof.choices.items(), key=lambda item: -item[1]):
        print(f"  {choice}: {number / proof.combinations:.2%}")
    for law in book.laws.values():
        print(f"  {'BROKEN' if any(b.law is law for b in proof.broken) else 'holds'}: {law.sentence}")
    faults = [str(b) for b in proof.broken]
    faults += [f"{given} gives a choice without a reason" for given in proof.unreasoned]
    faults += [f"the effect {name} never applies" for name in proof.silent]
    print(*faults, sep="\n", end="\n" if faults else "")
    return 1 if faults else 0


def _stale(book: Book, args: argparse.Namespace) -> int:
    found = stale(book, args.today or _today(), args.older_than)
    if args.format == "json":
        print(json.dumps([_as_json(fact) for fact in found], ensure_ascii=False, indent=2))
    elif found:
        for fact in found:
            print(f"{fact.fact.checked} {fact.id} ({fact.file}, {fact.age} days, places that use it: {fact.uses})")
            print(*(f"    {source.title}: {source.url}" for source in fact.fact.source), sep="\n")
        print(f"{len(found)} of {len(book.facts)} facts were checked more than {args.older_than} days ago.")
    else:
        print(f"Nothing is stale: all {len(book.facts)} facts were checked within {args.older_than} days.")
    return 1 if found else 0


def _as_json(stale: Stale) -> dict[str, object]:
    sources = [source.model_dump() for source in stale.fact.source]
    checked = stale.fact.checked.isoformat()
    return {
        "id": stale.id,
        "checked": checked,
        "days": stale.age,
        "file": stale.file,
        "uses": stale.uses,
        "source": sources,
    }


def _today() -> datetime.date:
    return datetime.datetime.now(datetime.UTC).date()


def _days(text: str) -> int:
    # int() alone would take "+3", " 3 " and "1_000" too.
    if not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"found {text[:40]!r}. Allowed: a whole number of days, 0 or more")
    return int(text)


def _day(text: str) -> datetime.date:
    try:
        return datetime.datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise argparse.ArgumentTypeError(f"found {text[:40]!r}. Allowed: a day, as 2026-11-23") from None


COMMANDS: Mapping[str, Callable[[Book, argparse.Namespace], int]] = {
    "check": _check,
    "score": _score,
    "prove": _prove,
    "stale": _stale,
}
"""What each command does; the answer is its exit code."""
