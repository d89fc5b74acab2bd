"""The guide without a screen: `python -m guide check | decide FILE | export FILE | stale --older-than DAYS`."""

from __future__ import annotations

import argparse
import datetime
import json
import re
import sys
from pathlib import Path

import yaml
from pydantic import ValidationError

from guide.book import KNOWLEDGE, Book, BookError, load_book, read_yaml
from guide.exports import data, formats
from guide.library import Stale, stale
from guide.link import read_answers
from guide.model import Record
from guide.report import build


def main(argv: list[str] | None = None) -> int:
    """Exit code 0; 1 with the mistakes on standard error, or where `stale` found something; 2 for a wrong command."""
    parser = argparse.ArgumentParser(prog="python -m guide", description="The decision guide on the command line.")
    parser.add_argument("--knowledge", type=Path, default=KNOWLEDGE, help="another knowledge folder")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check", help="name every mistake in the knowledge folder")
    decide = commands.add_parser("decide", help="print the verdict on a file of answers as JSON")
    decide.add_argument(
        "file", type=Path, help="YAML or JSON: question id to answer id, or a list of them; - for standard input"
    )
    export = commands.add_parser("export", help="write the record of a file of answers")
    export.add_argument("file", type=Path)
    export.add_argument("--format", choices=[f.suffix for f in formats()], default="md")
    export.add_argument("--title", default="Transport of our agent's output")
    old = commands.add_parser(
        "stale",
        help="list facts that were checked too long ago",
        epilog="exit code: 0 nothing is stale, 1 something is",
    )
    old.add_argument("--older-than", type=_days, required=True, metavar="DAYS", help="a whole number, 0 or more")
    old.add_argument("--today", type=_day, help="count from this day instead, as 2026-11-23")
    old.add_argument("--format", choices=["text", "json"], default="text")
    args = parser.parse_args(argv)
    try:
        book = load_book(args.knowledge)
        return {"check": _check, "decide": _decide, "export": _export, "stale": _stale}[args.command](book, args)
    except BookError as error:
        print(error, file=sys.stderr)
        print(f"{len(error.problems)} mistakes in {args.knowledge}", file=sys.stderr)
    except (ValueError, OSError, yaml.YAMLError) as error:
        print(f"{getattr(args, 'file', '')}: {error}", file=sys.stderr)
    return 1


def _check(book: Book, args: argparse.Namespace) -> int:
    print(
        f"{len(book.questions)} questions, {len(book.facts)} facts, {len(book.needs)} needs, "
        f"{len(book.patterns)} patterns, {len(book.cases)} cases: no mistakes. Rules {book.version} ({book.hash})."
    )
    return 0


def _answers(book: Book, file: Path) -> dict[str, tuple[str, ...]]:
    text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    found = read_yaml(text)
    return read_answers({} if found is None else found, book)  # an empty file answers nothing


def _decide(book: Book, args: argparse.Namespace) -> int:
    print(json.dumps(data.verdict(build(book, _answers(book, args.file))), ensure_ascii=False, indent=2))
    return 0


def _export(book: Book, args: argparse.Namespace) -> int:
    answers = _answers(book, args.file)
    report = build(book, answers)
    if report.verdict.kind == "level":
        raise ValueError("the verdict is level; settle it in the app, where a reason is asked for")
    try:
        record = Record(
            title=args.title, date=_today(), chosen=report.verdict.choice, answers=report.raw, status="proposed"
        )
    except ValidationError as error:
        raise ValueError(f"--title: {error.errors()[0]['msg']}") from None
    form = next(f for f in formats() if f.suffix == args.format)
    sys.stdout.buffer.write(form.render(report, record))
    return 0


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


if __name__ == "__main__":
    sys.exit(main())
