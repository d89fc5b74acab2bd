"""Reads the output of `python -m demos probe --format json`: its answers and its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import BaseModel, Field, ValidationError

from guide.book import Book
from guide.book.link import carry_over, read_answers
from guide.model import UNKNOWN, Answers, Evidence
from guide.record.saved_record import RecordError, parsed

FORMAT: Final = "streamwise-probe/1"
"""As demos/probe/result.py writes it."""


class FoundFix(BaseModel):
    """A cure that the probe offered."""

    text: str = Field(default="", max_length=300)
    setting: str = Field(default="", max_length=1000)


class Found(BaseModel):
    """One finding of the probe, as it printed it."""

    verdict: Literal["good", "bad", "unknown"]
    sentence: str = Field(max_length=2000)
    fixes: tuple[FoundFix, ...] = Field(default=(), max_length=20)


class Written(BaseModel):
    """The part of the file that is read back; the rest is for people and other programs."""

    url: str = Field(max_length=2000)
    sentence: str = Field(default="", max_length=2000)
    """Why nothing was probed; '' where something was."""
    answers: Mapping[str, tuple[str, ...]] = {}
    evidence: tuple[Evidence, ...] = Field(default=(), max_length=10)
    findings: tuple[Found, ...] = Field(default=(), max_length=200)


@dataclass(frozen=True)
class Taken:
    """What a probe adds to a session."""

    url: str
    answers: Answers
    evidence: tuple[Evidence, ...]
    """None of it verified: it came in from a file."""
    moved: tuple[str, ...]
    """Answers carried over under another name."""
    findings: tuple[Found, ...] = ()
    """What was found, in the probe's words; untrusted, as everything from a file."""


def is_probe(found: object) -> bool:
    """Whether a file's content claims to be a probe's result."""
    return isinstance(found, dict) and found.get("format") == FORMAT


def load(text: bytes, book: Book) -> Taken:
    """Read a probe's result.

    Raises:
        RecordError: it is too large, not JSON, damaged, reached nothing, or names answers that these rules do not have.
    """
    found = parsed(text)
    if not isinstance(found, dict) or not is_probe(found):
        raise RecordError(f'The file is JSON but no probe\'s result. Allowed: a file whose "format" is {FORMAT!r}.')
    try:
        written = Written.model_validate(found)
        if written.sentence:
            raise RecordError(f"The probe reached nothing: {written.sentence} Allowed: a probe that found its target.")
        named, moved = carry_over(written.answers, book)
        answers = read_answers({qid: [*chosen] for qid, chosen in named.items()}, book)
    except RecordError:
        raise
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise RecordError(f"The probe's result is damaged at {place}: {first['msg']}.") from None
    except ValueError as error:
        raise RecordError(f"The probe has answers that these rules do not know. {error}") from None
    evidence = tuple(one.model_copy(update={"verified": False}) for one in written.evidence)
    return Taken(written.url, answers, evidence, moved, written.findings)


def merged(now: Answers, taken: Answers, book: Book) -> dict[str, tuple[str, ...]]:
    """Answers with those of a probe: joined where several are allowed, replaced where one is. 'Not sure' gives way."""
    out = dict(now)
    for qid, chosen in taken.items():
        question = book.questions[qid]
        apart = {UNKNOWN, *(aid for aid, answer in question.answers.items() if answer.alone)}
        keeps = question.multiple and not apart & {*now.get(qid, ()), *chosen}
        out[qid] = tuple(dict.fromkeys((*(now.get(qid, ()) if keeps else ()), *chosen)))
    return {qid: out[qid] for qid in book.questions if qid in out}
