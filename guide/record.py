"""Rules of a Record: what may be chosen, when a reason is asked for, and how a saved one is read again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from guide.book import Book
from guide.link import read_answers
from guide.model import Record, Word
from guide.report import Report

FORMAT: Final = "streamwise-record/1"
LARGEST = 2_000_000
"""Bytes of a record file. One with ten measured runs is about 30 kB."""


class Saved(Word):
    """The part of a record file that is read back; the rest of the file is for people and other programs."""

    format: str
    rules: dict[str, str]
    record: Record


@dataclass(frozen=True)
class Loaded:
    record: Record
    version: str
    """Rule-set version under which it was written."""
    hash: str


class RecordError(ValueError):
    """A file that cannot be read as a record; the text says why and what is allowed."""


def problems(report: Report, record: Record) -> list[str]:
    """Ids of the words that say what is missing from the record; [] when it is complete."""
    found = []
    if record.chosen not in report.names:
        found.append("record.problem.choice")
    if record.chosen != report.verdict.choice and not record.reason:
        found.append("record.problem.settle" if report.verdict.kind == "level" else "record.problem.override")
    return found


def load(text: bytes, book: Book) -> Loaded:
    """Read a JSON record that was saved before. Its evidence is marked as unverified.

    Raises:
        RecordError: it is too large, not JSON, not a record, or names answers that this rule set does not have.
    """
    if len(text) > LARGEST:
        raise RecordError(f"The file has {len(text)} bytes. Allowed: a record of at most {LARGEST}.")
    try:
        found = json.loads(text.decode("utf-8"))
    except (ValueError, RecursionError) as error:  # not UTF-8, not JSON, a number too long to read
        raise RecordError(f"The file is not JSON ({error}). Allowed: a record saved as JSON.") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise RecordError(f'The file is JSON but not a record. Allowed: a file whose "format" is {FORMAT!r}.')
    try:
        saved = Saved.model_validate({key: found.get(key) for key in Saved.model_fields})
        answers = read_answers({k: list(v) for k, v in saved.record.answers.items()}, book)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise RecordError(
            f"The record is damaged at {place}: {first['msg']} ({error.error_count()} mistakes in all)."
        ) from None
    except ValueError as error:
        raise RecordError(f"The record has answers that these rules do not know. {error}") from None
    if not answers:
        raise RecordError("The record holds no answers. Allowed: a record with at least one.")
    if saved.record.chosen not in {*book.options, *book.outside}:
        allowed = ", ".join([*book.options, *book.outside])
        raise RecordError(f"The record chooses {saved.record.chosen!r}. Allowed: {allowed}.")
    evidence = tuple(e.model_copy(update={"verified": False}) for e in saved.record.evidence)
    record = saved.record.model_copy(update={"answers": answers, "evidence": evidence})
    return Loaded(record, saved.rules.get("version", ""), saved.rules.get("hash", ""))
