"""Rules of a Record: which choices are allowed, when a reason is required, and how a saved record is loaded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ValidationError

from guide.book import Book
from guide.book.link import carry_over, read_answers
from guide.model import Record, Word
from guide.report.report import Report

FORMAT: Final = "streamwise-record/1"
LARGEST = 2_000_000
"""Bytes of a record file. One with ten measured runs is about 30 kB."""
MOST_PROOFS = 1_000
"""Cited facts that are read; the guide has some hundreds."""


class Saved(Word):
    """The part of a record file that is read back; the rest of the file is for people and other programs."""

    format: str
    rules: dict[str, str]
    record: Record


class ThenReason(BaseModel):
    """A reason as the file tells it."""

    question: str
    said: str
    option: str
    force: str


class ThenNeed(BaseModel):
    id: str
    title: str


class Then(BaseModel):
    """The verdict of the day on which a record was saved, as far as it is compared with today's."""

    choice: str
    headline: str = ""
    strength: str = ""
    margin: int = 0
    reasons: tuple[ThenReason, ...] = ()
    needs: tuple[ThenNeed, ...] = ()


class SavedProof(BaseModel):
    """A cited fact as the file tells it."""

    fact: str
    claim: str
    figure: str
    scope: str
    checked: str


@dataclass(frozen=True)
class Since:
    """What today's rules say otherwise than those of the record. Texts, as they stand in file and rules."""

    new_reasons: tuple[str, ...]
    gone_reasons: tuple[str, ...]
    new_needs: tuple[str, ...]
    gone_needs: tuple[str, ...]


def since(then: Then, today: Report) -> Since:
    """The differences between a saved verdict and today's report on the same answers."""
    now = {(r.question, r.option, r.force.value): f"{r.said}: {r.because}" for r in (*today.reasons, *today.against)}
    was = {(r.question, r.option, r.force): f"{r.said} ({r.force} {r.option})" for r in then.reasons}
    needed, had = {n.id: n.title for n in today.needs}, {n.id: n.title for n in then.needs}
    return Since(
        new_reasons=tuple(text for key, text in now.items() if key not in was),
        gone_reasons=tuple(text for key, text in was.items() if key not in now),
        new_needs=tuple(title for key, title in needed.items() if key not in had),
        gone_needs=tuple(title for key, title in had.items() if key not in needed),
    )


@dataclass(frozen=True)
class Loaded:
    record: Record
    version: str
    """Rule-set version under which it was written."""
    hash: str
    moved: tuple[str, ...] = ()
    """Answers carried over under another name."""
    then: Then | None = None
    """What the rules said on the day; None where the file does not hold it."""
    sources: tuple[SavedProof, ...] = ()
    """The facts that it cites, as they were on the day."""
    unread: int = 0
    """Cited facts that could not be read."""


class RecordError(ValueError):
    """A file that cannot be read as a record; the text says why and what is allowed."""


class UnknownAnswers(RecordError):
    """A record of other rules: it has answers that today's do not have."""


def problems(report: Report, record: Record) -> list[str]:
    """Ids of the words that say what is missing from the record; [] when it is complete."""
    found = []
    if record.chosen not in report.names:
        found.append("record.problem.choice")
    if record.chosen != report.verdict.choice and not record.reason:
        found.append("record.problem.settle" if report.verdict.kind == "level" else "record.problem.override")
    return found


def parsed(text: bytes) -> object:
    """What a file holds.

    Raises:
        RecordError: it is too large, or not JSON.
    """
    if len(text) > LARGEST:
        raise RecordError(f"The file has {len(text)} bytes. Allowed: a record of at most {LARGEST}.")
    try:
        return json.loads(text.decode("utf-8"))
    except (ValueError, RecursionError) as error:  # not UTF-8, not JSON, a number too long to read
        raise RecordError(f"The file is not JSON ({error}). Allowed: a record saved as JSON.") from None


def is_record(text: bytes) -> bool:
    """Whether a file says that it is a record; it may be damaged all the same."""
    try:
        found = parsed(text)
    except RecordError:
        return False
    return isinstance(found, dict) and found.get("format") == FORMAT


def load(text: bytes, book: Book) -> Loaded:
    """Read a JSON record that was saved before. Its evidence is marked as unverified.

    Raises:
        RecordError: it is too large, not JSON, not a record, or names answers that this rule set does not have.
    """
    found = parsed(text)
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise RecordError(f'The file is JSON but not a record. Allowed: a file whose "format" is {FORMAT!r}.')
    try:
        saved = Saved.model_validate({key: found.get(key) for key in Saved.model_fields})
        named, moved = carry_over(saved.record.answers, book)
        answers = read_answers({k: list(v) for k, v in named.items()}, book)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise RecordError(
            f"The record is damaged at {place}: {_wrong(first['type'])} ({error.error_count()} mistakes in all)."
        ) from None
    except ValueError as error:
        raise UnknownAnswers(f"The record has answers that these rules do not know. {error}") from None
    if not answers:
        raise RecordError("The record holds no answers. Allowed: a record with at least one.")
    if saved.record.chosen not in {*book.options, *book.outside}:
        allowed = ", ".join([*book.options, *book.outside])
        raise RecordError(f"The record chooses {saved.record.chosen!r}. Allowed: {allowed}.")
    evidence = tuple(e.model_copy(update={"verified": False}) for e in saved.record.evidence)
    record = saved.record.model_copy(update={"answers": answers, "evidence": evidence})
    then, sources = _then(found.get("verdict")), tuple(_proofs(found.get("sources")))
    unread = _count(found.get("sources")) - len(sources)
    return Loaded(record, saved.rules.get("version", ""), saved.rules.get("hash", ""), moved, then, sources, unread)


def _wrong(kind: str) -> str:
    """What is wrong with a value, by the kind that the check gives it; the check itself speaks of Python."""
    if kind == "missing":
        return "nothing is there"
    if kind == "extra_forbidden":
        return "a record has no such field"
    if kind.startswith(("string_too", "too_")):
        return "it is too long, or too short"
    return "it is not what a record holds there"


def _then(found: object) -> Then | None:
    """The verdict in the file. It is shown beside today's and decides nothing, so a damaged one is no error."""
    try:
        return Then.model_validate(found)
    except ValidationError:
        return None


def _count(found: object) -> int:
    return len(found) if isinstance(found, list) else 0 if found is None else 1


def _proofs(found: object) -> Iterator[SavedProof]:
    """The cited facts in the file, but for damaged ones: they are compared, and decide nothing."""
    for each in found[:MOST_PROOFS] if isinstance(found, list) else ():
        try:
            yield SavedProof.model_validate(each)
        except ValidationError:
            continue
