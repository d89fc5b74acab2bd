"""Command `watch`: compares committed records with what the guide says today."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from guide.book import Book
from guide.record.saved_record import LARGEST, is_record
from guide.watch.comparison import Level, Watched, unreadable, watch
from guide.watch.output import as_github, as_json, as_markdown, as_text

FORMATS: Mapping[str, Callable[[Sequence[Watched], str], str]] = {
    "text": as_text,
    "json": as_json,
    "github": as_github,
    "markdown": as_markdown,
}
MOST_RECORDS, MOST_FILES = 1_000, 20_000
"""Records that are compared at once, and files of a folder that are looked at."""
NOTHING, FOUND, WRONG = 0, 1, 2
"""Exit codes: nothing to do; the verdict or what it rests on is otherwise; a file that is no record."""


def add(commands: Any) -> None:
    """Declare the command and its options."""
    watching = commands.add_parser(
        "watch",
        help="compare committed records with today's rules and facts",
        epilog="exit code: 0 nothing differs, 1 something does, 2 a file that is no record",
    )
    watching.add_argument(
        "records", type=Path, nargs="+", metavar="RECORD", help="records saved as JSON, or folders that hold some"
    )
    watching.add_argument("--format", choices=[*FORMATS], default="text")
    watching.add_argument("--only-records", action="store_true", help="leave aside what is named and is no record")
    watching.add_argument("--warn", action="store_true", help="fail only where a verdict turned; the rest is printed")


def watch_records(book: Book, args: argparse.Namespace) -> int:
    """Print what differs.

    Raises:
        ValueError: too many records.
    """
    every = (one for place in args.records for one in _watched(book, place, args.only_records))
    watched = [*islice(every, MOST_RECORDS + 1)]
    if len(watched) > MOST_RECORDS:
        raise ValueError(f"more than {MOST_RECORDS} records. Allowed: {MOST_RECORDS} at once")
    print(FORMATS[args.format](watched, f"{book.version} ({book.hash})"))
    levels = {finding.level for one in watched for finding in one.findings}
    if Level.UNREADABLE in levels:
        return WRONG
    failing = {Level.TURNED} if args.warn else {Level.TURNED, Level.MOVED, Level.UNKNOWN}
    return FOUND if levels & failing else NOTHING


def _watched(book: Book, place: Path, only_records: bool) -> Iterator[Watched]:
    """Each record at a place. In a folder, what is no record is left aside; a file that is named is one."""
    inside = place.is_dir()
    found = False
    for file in islice(sorted(place.rglob("*.json")), MOST_FILES) if inside else [place]:
        if inside and not file.is_file():
            continue  # a folder with such a name, a broken link, a pipe
        try:
            with file.open("rb") as opened:
                text = opened.read(LARGEST + 1)
        except OSError as error:
            found = True
            yield unreadable(
                file.as_posix(), f"{error.strerror or error}. Allowed: a record saved as JSON, or a folder"
            )
            continue
        if (inside or only_records) and not is_record(text):
            continue
        found = True
        yield watch(book, file.as_posix(), text)
    if inside and not found and not only_records:
        yield unreadable(place.as_posix(), "there is no record in this folder. Allowed: a folder that holds some")
