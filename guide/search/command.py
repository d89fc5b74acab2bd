"""The command `search`: prints what a search finds, the best first, with causes and cures."""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from collections.abc import Iterator
from typing import Any

from guide.book import Book
from guide.model import Symptom
from guide.search.entries import KINDS, Entry, entries
from guide.search.index import Index

WIDTH = 110
MOST, LARGEST = 5, 50


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's arguments."""
    search = commands.add_parser("search", help="find symptoms with their cures, facts, needs, settings, myths")
    search.add_argument("words", nargs="+", help="what you see, an error text, a product, a setting")
    search.add_argument("--kind", choices=KINDS, action="append", default=[], help="only this kind; may come again")
    search.add_argument("--most", type=_count, default=MOST, help=f"entries to print, {MOST} by default")
    search.add_argument("--json", action="store_true", help="print JSON")


def _count(text: str) -> int:
    try:
        found = int(text)
    except ValueError:
        found = 0
    if not 1 <= found <= LARGEST:
        raise argparse.ArgumentTypeError(f"{text!r} is not allowed. Allowed: a whole number from 1 to {LARGEST}")
    return found


def search(book: Book, args: argparse.Namespace) -> int:
    """Print what was found; exit code 1 where nothing was."""
    words = " ".join(args.words)
    hits = [hit.entry for hit in Index(entries(book)).search(words, args.kind)]
    shown = hits[: args.most]
    if args.json:
        found = [described(book, entry) for entry in shown]
        print(json.dumps({"words": words, "found": len(hits), "entries": found}, ensure_ascii=False, indent=2))
    else:
        print("\n\n".join(_printed(book, entry) for entry in shown) or f"Nothing found for {words!r}. Use fewer words.")
        if len(hits) > len(shown):
            print(f"\n{len(hits) - len(shown)} more: --most {min(len(hits), LARGEST)}")
    sys.stdout.flush()
    return 0 if hits else 1


def described(book: Book, entry: Entry) -> dict[str, Any]:
    """An entry as plain data: kind, id, title, summary; of a symptom its causes in order."""
    found: dict[str, Any] = {"kind": entry.kind, "id": entry.id, "title": entry.title, "summary": entry.summary}
    if entry.kind == "symptom":
        symptom = book.symptoms[entry.id]
        found["causes"] = [cause.model_dump(mode="json", exclude_none=True) for cause in symptom.causes]
        found["reports"] = [report.url for report in symptom.reports]
    return found


def _printed(book: Book, entry: Entry) -> str:
    lines = [_wrapped(f"{entry.kind.upper()}  {entry.title}", ""), f"  [{entry.id}]"]
    if entry.kind == "symptom":
        lines += _causes(book.symptoms[entry.id])
    elif entry.summary:
        lines.append(_wrapped(entry.summary, "  "))
    return "\n".join(lines)


def _causes(symptom: Symptom) -> Iterator[str]:
    for n, cause in enumerate(symptom.causes, 1):
        yield _wrapped(f"{n}. {cause.why}", "  ", "     ")
        yield _wrapped(f"How to tell: {cause.tell}", "     ")
        yield _wrapped(f"What to do: {cause.cure}", "     ")
        if cause.setting:
            yield _wrapped(f"What to set: {cause.setting}", "     ")
        yield _wrapped(f"Facts: {', '.join(cause.facts)}", "     ")


def _wrapped(text: str, first: str, later: str | None = None) -> str:
    inner = first if later is None else later
    return textwrap.fill(
        text, WIDTH, initial_indent=first, subsequent_indent=inner, break_long_words=False, break_on_hyphens=False
    )
