"""Command `export`: the record of a file of answers, in any form, with a choice of the deciders' own."""

from __future__ import annotations

import argparse
import datetime
import sys
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from guide.book import Book, read_yaml
from guide.book.link import carry_over, read_answers
from guide.model import Record
from guide.record.exports import formats
from guide.record.file_name import file_name
from guide.record.saved_record import problems
from guide.report.report import Report, build


def add(commands: Any) -> None:
    """Declare the command and its options."""
    export = commands.add_parser("export", help="write the record of a file of answers")
    export.add_argument("file", type=Path)
    export.add_argument("--format", choices=[f.suffix for f in formats()], default="md")
    export.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="where to, without it to standard output; in a folder the file is called NUMBER-short-title",
    )
    export.add_argument("--title", default="Transport of our agent's output")
    export.add_argument("--number", type=int, default=1, help="among the decision records of your project; 1")
    export.add_argument("--choose", metavar="OPTION", help="what you choose, where it is not the recommendation")
    export.add_argument(
        "--because", metavar="TEXT", default="", help="why; asked for with a choice of your own and a level verdict"
    )
    export.add_argument("--short", action="store_true", help="without the appendix; JSON always has everything")


def export(book: Book, args: argparse.Namespace) -> int:
    """Write the record.

    Raises:
        ValueError: answers or options that cannot be; a choice without its reason; a PDF on a terminal.
    """
    found = answers(book, args.file)
    report = build(book, found, _choice(build(book, found), book, args.choose))
    record = _record(report, args)
    form = next(f for f in formats() if f.suffix == args.format)
    if args.out is None and not form.text and sys.stdout.isatty():
        raise ValueError(f"a terminal cannot show {form.label}. Allowed: --out FILE, or standard output into a file")
    written = form.render(report, record, args.short)
    if args.out is None:
        sys.stdout.buffer.write(written)
    else:
        out = args.out / file_name(record, form.suffix) if args.out.is_dir() else args.out
        out.write_bytes(written)
    return 0


def answers(book: Book, file: Path) -> dict[str, tuple[str, ...]]:
    """The answers in a file; `-`: on standard input."""
    return read(book, read_yaml(sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")))


def read(book: Book, found: object) -> dict[str, tuple[str, ...]]:
    """The answers that a file holds."""
    if not isinstance(found, dict):
        return read_answers({} if found is None else found, book)  # an empty file answers nothing
    texts = _texts(found)
    named, moved = carry_over(texts, book)
    if moved:
        print(f"Made for older rules; carried over: {', '.join(moved)}", file=sys.stderr)
        found = {**{qid: value for qid, value in found.items() if qid not in texts}, **named}
    return read_answers(found, book)


def _texts(found: dict[Any, Any]) -> dict[str, tuple[str, ...]]:
    """The answers that are texts, or lists of them, as links have them; what is anything else is no answer."""
    lists = {qid: value if isinstance(value, list) else [value] for qid, value in found.items()}
    return {
        qid: tuple(chosen)
        for qid, chosen in lists.items()
        if isinstance(qid, str) and all(isinstance(one, str) for one in chosen)
    }


def _choice(advice: Report, book: Book, wanted: str | None) -> str:
    """What is chosen: what was asked for, else the recommendation."""
    level = advice.verdict.kind == "level"
    allowed = dict.fromkeys([*book.options, *([] if level else [advice.verdict.choice])])
    if wanted is None and level:
        options = " or ".join(f"--choose {option}" for option in allowed)
        raise ValueError(f"the verdict is level; you settle it. Add {options}, and --because TEXT with your reason")
    if wanted is not None and wanted not in allowed:
        raise ValueError(f"--choose: {wanted!r}. Allowed: {', '.join(allowed)}")
    return wanted or advice.verdict.choice


def _record(report: Report, args: argparse.Namespace) -> Record:
    try:
        record = Record(
            title=args.title,
            date=datetime.datetime.now(datetime.UTC).date(),
            chosen=report.chosen,
            reason=args.because,
            number=args.number,
            answers=report.raw,
        )
    except ValidationError as error:
        first = error.errors()[0]
        option = "because" if first["loc"][0] == "reason" else first["loc"][0]
        raise ValueError(f"--{option}: {first['msg']}") from None
    if problems(report, record):
        level = report.verdict.kind == "level"
        said = "the verdict is level" if level else f"the guide recommends {report.verdict.choice!r}"
        raise ValueError(f"{said} and you choose {record.chosen!r}. Add --because TEXT with your reason")
    return record
