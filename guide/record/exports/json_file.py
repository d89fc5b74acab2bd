"""JSON.

For programs, and for opening the record here again. `record` is what is read back; the rest repeats, for readers of the
file, what the rules said on the day. The classes here are the file's shape; `record.schema.json` is made from them.
"""

from __future__ import annotations

import datetime
import json
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints

from guide.model import Fact, Force, Id, Record, Source, Text, Word
from guide.record.saved_record import FORMAT
from guide.report.report import Cited, Report, ReportReason

MIME = "application/json"
SUFFIX = "json"
SCHEMA = "urn:streamwise:record:1"
"""The name of the schema, raised together with `record.FORMAT`. It lies beside this file and needs no address."""


class Rules(Word):
    """Which rules decided."""

    version: Text
    hash: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]+$")] = Field(description="two equal hashes decide alike")


class Place(Word):
    """Where an option stands."""

    option: Id
    points: int
    ruled_out: bool


class Reason(Word):
    """An effect that applied to the answers."""

    question: Id
    said: Text = Field(description="the answer, as somebody would report it")
    option: Id
    force: Force
    because: Text
    supports: bool = Field(description="whether it speaks for what was chosen")
    facts: tuple[Id, ...]


class Need(Word):
    """What must be built or set with this choice."""

    id: Id
    title: Text
    what: Text
    facts: tuple[Id, ...]


class Turn(Word):
    """A change of answers that leads to another verdict."""

    when: Text
    becomes: Id
    answers: dict[Id, tuple[Id, ...]]


class Said(Word):
    """The verdict of the rules on the record's answers."""

    choice: Id = Field(description="an option, `level`, or what lies outside")
    kind: Literal["option", "level", "outside"]
    name: Text
    strength: Literal["decided", "leaning", "level", "outside"]
    margin: int = Field(ge=0, description="points between the options")
    pattern: Id | None = Field(description="the shape of the recommended design; none where there is none")
    headline: Text
    sentence: Text
    standings: tuple[Place, ...]
    reasons: tuple[Reason, ...]
    needs: tuple[Need, ...]
    turns: tuple[Turn, ...]
    unknowns: tuple[Id, ...] = Field(description="questions answered 'not sure' whose answer could move the verdict")
    missing: tuple[Id, ...] = Field(description="questions not answered")
    settled: bool = Field(description="no answer to the missing questions changes the choice")
    rules: Rules


class Proof(Word):
    """A fact that is cited, with its sources as they were on the day."""

    number: int = Field(ge=1, description="under which the other forms cite it; without an appendix they count anew")
    fact: Id
    claim: Text
    figure: Text
    checked: datetime.date
    basis: Literal["measured", "read", "quoted"]
    scope: Text
    source: tuple[Source, ...]


class Config(Word):
    """The recommended configuration of a proxy in the path, as it was run."""

    proxy: Id
    files: dict[Text, str] = Field(description="names and texts; further ones where the first is nothing without them")
    ran: Text = Field(description="with which versions it was run, and what came of it")


class RecordFile(Word):
    """A decision record as Streamwise saves it."""

    model_config = ConfigDict(title="Streamwise decision record")

    format: Literal["streamwise-record/1"]
    rules: Rules
    record: Record
    verdict: Said
    sources: tuple[Proof, ...]
    configs: tuple[Config, ...]


def render(report: Report, record: Record, short: bool = False) -> bytes:
    """The same whether the other forms are short or not: whoever opens it again needs all of it."""
    saved = RecordFile(
        format=FORMAT,
        rules=Rules(version=report.version, hash=report.hash),
        record=record,
        verdict=_said(report),
        sources=tuple(_proof(cited) for cited in report.sources),
        configs=tuple(Config(proxy=c.id, files=dict(c.files), ran=c.ran) for c in report.configs),
    )
    return _text(saved.model_dump(mode="json")).encode()


def verdict(report: Report) -> dict[str, Any]:
    """The verdict as plain data; what `python -m guide decide` prints."""
    return _said(report).model_dump(mode="json")


def schema() -> str:
    """The JSON Schema (draft 2020-12) of what `render` writes; what `python -m guide schema` prints."""
    made = RecordFile.model_json_schema(mode="serialization")
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA}
    return _text(head | made) + "\n"


def _text(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2)


def _said(report: Report) -> Said:
    v = report.verdict
    return Said(
        choice=v.choice,
        kind=v.kind,
        name=report.name,
        strength=v.strength,
        margin=v.margin,
        pattern=v.pattern,
        headline=report.headline,
        sentence=report.sentence,
        standings=tuple(Place(option=s.option, points=s.points, ruled_out=s.ruled_out) for s in v.standings),
        reasons=tuple(map(_reason, (*report.reasons, *report.against))),
        needs=tuple(Need(id=n.id, title=n.title, what=n.what, facts=_ids(n.cited)) for n in report.needs),
        turns=tuple(Turn(when=t.when, becomes=t.becomes, answers=t.answers) for t in report.turns),
        unknowns=v.unknowns,
        missing=v.missing,
        settled=v.settled,
        rules=Rules(version=report.version, hash=report.hash),
    )


def _reason(reason: ReportReason) -> Reason:
    return Reason(
        question=reason.question,
        said=reason.said,
        option=reason.option,
        force=reason.force,
        because=reason.because,
        supports=reason.supports,
        facts=_ids(reason.cited),
    )


def _proof(cited: Cited) -> Proof:
    fact = cited.fact.model_dump(include=set(Proof.model_fields) & set(Fact.model_fields))
    return Proof(number=cited.number, fact=cited.id, **fact)


def _ids(cited: tuple[Cited, ...]) -> tuple[str, ...]:
    return tuple(c.id for c in cited)
