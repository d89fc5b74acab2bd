"""The guide without a screen: `python -m guide check | decide | export | search | starter | watch | ...`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import yaml

from guide import __version__
from guide import audit as account
from guide.agents.advisor import advisor_of_today
from guide.book import KNOWLEDGE, Book, BookError, load_book
from guide.record import export_command as exporting
from guide.record.exports import json_file as data
from guide.report.report import build
from guide.search import command as searching
from guide.starter import command as starting
from guide.watch import command as watching

MOST_ERROR = 4_000
"""Characters of an error that are printed."""


def _bounded(error: Exception) -> str:
    said = str(error)
    return said if len(said) <= MOST_ERROR else f"{said[:MOST_ERROR]} ..."


def parser(prog: str = "python -m guide") -> argparse.ArgumentParser:
    """Every verb with its options. `prog`: how the command is called."""
    found = argparse.ArgumentParser(prog=prog, description="The decision guide on the command line.")
    found.add_argument("--version", action="version", version=f"Streamwise {__version__}")
    found.add_argument("--knowledge", type=Path, default=KNOWLEDGE, help="another knowledge folder")
    commands = found.add_subparsers(dest="command", required=True)
    decide = commands.add_parser("decide", help="print the verdict on a file of answers as JSON")
    decide.add_argument(
        "file", type=Path, help="YAML or JSON: question id to answer id, or a list of them; - for standard input"
    )
    decide.add_argument("--format", choices=["json", "text"], default="json", help="text: short, as agents get it")
    exporting.add(commands)
    searching.add(commands)
    starting.add(commands)
    watching.add(commands)
    commands.add_parser("schema", help="print the JSON Schema of a record saved as JSON")
    account.add(commands)
    return found


def main(argv: Sequence[str] | None = None, prog: str = "python -m guide") -> int:
    """Exit code 0; 1 with the mistakes on standard error, or where a verb found something; 2 for a wrong command."""
    args = parser(prog).parse_args(argv)
    try:
        book = load_book(args.knowledge)
        doing = {"decide": _decide, "export": exporting.export, "schema": _schema}
        doing |= {"search": searching.search, "starter": starting.starter, "watch": watching.watch_records}
        doing |= account.COMMANDS
        code = doing[args.command](book, args)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # Whoever reads has seen enough, as `head` has. What is still buffered must not be written at the exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except BookError as error:
        print(_bounded(error), file=sys.stderr)
        print(f"{len(error.problems)} mistakes in {args.knowledge}", file=sys.stderr)
    except (ValueError, OSError, yaml.YAMLError) as error:
        place = f"{args.file}: " if getattr(args, "file", None) else ""
        print(f"{place}{_bounded(error)}", file=sys.stderr)
    return 1


def _decide(book: Book, args: argparse.Namespace) -> int:
    answers = exporting.answers(book, args.file)
    if args.format == "text":
        print(advisor_of_today(book).decide(answers).text())
    else:
        print(json.dumps(data.verdict(build(book, answers)), ensure_ascii=False, indent=2))
    return 0


def _schema(book: Book, args: argparse.Namespace) -> int:
    sys.stdout.write(data.schema())
    return 0


if __name__ == "__main__":
    sys.exit(main())
