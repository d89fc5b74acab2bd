"""The guide without a screen: `python -m guide check | decide | export | schema | score | prove | stale`."""

from __future__ import annotations

import argparse
import datetime
import json
import sys
import time
from pathlib import Path

import yaml
from pydantic import ValidationError

from guide import score as scores
from guide.book import KNOWLEDGE, Book, BookError, load_book, read_yaml
from guide.exports import data, formats
from guide.link import read_answers
from guide.model import Record
from guide.report import build
from guide.score import PUBLISHED
from guide.space import prove


def main(argv: list[str] | None = None) -> int:
    """Exit code 0, or 1 with the mistakes on standard error."""
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
    export.add_argument("--out", type=Path, metavar="FILE", help="where to; without it, to standard output")
    export.add_argument("--title", default="Transport of our agent's output")
    scored = commands.add_parser("score", help="hold the rules against published decisions")
    scored.add_argument("file", type=Path, nargs="?", default=PUBLISHED, help="a case file; ours where none is given")
    scored.add_argument("--format", choices=["text", "json"], default="text")
    commands.add_parser("prove", help="hold the laws against every combination of answers")
    commands.add_parser("schema", help="print the JSON Schema of a record saved as JSON")
    args = parser.parse_args(argv)
    try:
        book = load_book(args.knowledge)
        doing = {"check": _check, "decide": _decide, "export": _export, "schema": _schema}
        doing |= {"score": _score, "prove": _prove}
        return doing[args.command](book, args)
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
    today = datetime.datetime.now(datetime.UTC).date()
    try:
        record = Record(
            title=args.title, date=today, chosen=report.verdict.choice, answers=report.raw, status="proposed"
        )
    except ValidationError as error:
        raise ValueError(f"--title: {error.errors()[0]['msg']}") from None
    form = next(f for f in formats() if f.suffix == args.format)
    if args.out is None and not form.text and sys.stdout.isatty():
        raise ValueError(f"a terminal cannot show {form.label}. Allowed: --out FILE, or standard output into a file")
    written = form.render(report, record)
    if args.out is None:
        sys.stdout.buffer.write(written)
    else:
        args.out.write_bytes(written)
    return 0


def _schema(book: Book, args: argparse.Namespace) -> int:
    sys.stdout.write(data.schema())
    return 0


def _score(book: Book, args: argparse.Namespace) -> int:
    cases = scores.read_cases(args.file.read_text(encoding="utf-8"))
    found = scores.score(book, cases, scores.scoring(book, args.knowledge))
    if args.format == "json":
        print(json.dumps(scores.plain(found), ensure_ascii=False, indent=2))
    else:
        print(scores.text(found))
    return 0


def _prove(book: Book, args: argparse.Namespace) -> int:
    """Exit code 1 where a law is broken, a verdict has no reason or an effect never applies."""
    start = time.perf_counter()
    proof = prove(book)
    print(
        f"{proof.combinations:,} combinations of answers that reach the choice, in {time.perf_counter() - start:.2f} s"
    )
    for choice, number in sorted(proof.choices.items(), key=lambda item: -item[1]):
        print(f"  {choice}: {number / proof.combinations:.2%}")
    for law in book.laws.values():
        print(f"  {'BROKEN' if any(b.law is law for b in proof.broken) else 'holds'}: {law.sentence}")
    faults = [str(b) for b in proof.broken]
    faults += [f"{given} gives a choice without a reason" for given in proof.unreasoned]
    faults += [f"the effect {name} never applies" for name in proof.silent]
    print(*faults, sep="\n", end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
