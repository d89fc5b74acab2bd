"""Command `starter`: a small project made from a file of answers."""

from __future__ import annotations

import argparse
import datetime
from pathlib import Path
from typing import Any

from guide.book import Book, read_yaml
from guide.record import export_command as exporting
from guide.report.report import build
from guide.starter.project import FORMAT, Project, make, on_one_transport


def add(commands: Any) -> None:
    """Declare the command and its options."""
    starter = commands.add_parser("starter", help="write a small project that is made from a file of answers")
    starter.add_argument("file", type=Path, help="answers as for `decide`, or the streamwise.json of a project")
    starter.add_argument("--out", type=Path, metavar="DIR", required=True, help="a new or an empty folder")
    starter.add_argument("--transport", metavar="OPTION", help="what you take where the verdict is level")


def starter(book: Book, args: argparse.Namespace) -> int:
    """Write the project and say what to do next.

    Raises:
        ValueError: answers that cannot be, or that lead to no transport; a folder that is not empty.
    """
    found, settled = _answers(book, args.file)
    report = on_one_transport(book, build(book, found), args.transport or settled)
    if args.out.exists() and (not args.out.is_dir() or any(args.out.iterdir())):
        raise ValueError(f"--out: {args.out} is not empty. Allowed: a new or an empty folder")
    project = make(book, report, datetime.datetime.now(datetime.UTC).date())
    _write(project, args.out)
    print(f"{report.name}: {len(project.files)} files in {args.out}. Next:")
    print(f"  cd {args.out}\n  uv venv && uv pip install --require-hashes -r requirements.lock")
    print(f"  .venv/bin/python -m app\nREADME.md has the rest. The file to edit is {args.out / 'app' / 'agent.py'}.")
    return 0


def _answers(book: Book, file: Path) -> tuple[dict[str, tuple[str, ...]], str | None]:
    """The answers, and the transport that a project made before has taken."""
    if str(file) != "-":
        kept = read_yaml(file.read_text(encoding="utf-8"))
        if isinstance(kept, dict) and kept.get("format") == FORMAT:
            transport = kept.get("transport")
            return exporting.read(book, kept.get("answers")), transport if isinstance(transport, str) else None
    return exporting.answers(book, file), None


def _write(project: Project, folder: Path) -> None:
    for path, content in project.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
