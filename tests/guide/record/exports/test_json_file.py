"""JSON: for programs, and for opening the record again."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it comes without types

from guide import book as books
from guide.decision.engine import decide
from guide.model import Evidence
from guide.record.exports import json_file as data
from guide.record.saved_record import FORMAT, load
from guide.report.report import build
from tests.every import every
from tests.guide.record.exports.hostile import Made
from tests.guide.records import record_of

OURS = books.book()
PUBLISHED = Path(data.__file__).with_name("record.schema.json")


@every("case", OURS.cases)
def test_what_was_written_is_read_again_and_decided_again(case: str, evidence: Evidence) -> None:
    report = build(OURS, dict(OURS.cases[case].answers))
    record = record_of(report, evidence=(evidence,))
    text = data.render(report, record)
    loaded = load(text, OURS)
    assert loaded.record == record.model_copy(update={"evidence": (evidence.model_copy(update={"verified": False}),)})
    assert decide(OURS, loaded.record.answers) == report.verdict
    again = build(OURS, loaded.record.answers)
    assert json.loads(data.render(again, loaded.record))["verdict"] == json.loads(text)["verdict"]


@every("case", OURS.cases)
def test_every_fact_that_is_named_stands_among_the_sources(case: str) -> None:
    report = build(OURS, dict(OURS.cases[case].answers))
    document = json.loads(data.render(report, record_of(report)))
    sources = {source["fact"]: source for source in document["sources"]}
    verdict = document["verdict"]
    named = {fact for part in (*verdict["reasons"], *verdict["needs"]) for fact in part["facts"]}
    assert named <= set(sources)
    for source in sources.values():
        assert source["checked"]
        assert source["source"]


def test_text_survives_as_typed(evidence: Evidence) -> None:
    report = build(OURS, {"uplink": ("nothing",)})
    typed = '</script><b>& "quoted" \\ \u2028 naïve 💥\n# heading | pipe'
    document = json.loads(data.render(report, record_of(report, title="t", context=typed)))
    assert document["record"]["context"] == typed


def validator() -> Draft202012Validator:
    return Draft202012Validator(
        json.loads(PUBLISHED.read_text(encoding="utf-8")), format_checker=Draft202012Validator.FORMAT_CHECKER
    )


def test_the_published_schema_is_the_one_of_the_types() -> None:
    assert PUBLISHED.read_text(encoding="utf-8") == data.schema(), "python -m guide schema > " + PUBLISHED.name
    schema = json.loads(data.schema())
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == "urn:streamwise:record:1"
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["properties"]["format"]["const"] == FORMAT
    addresses = re.findall(r"https?://[^\s\"|]+", data.schema())
    assert addresses == [schema["$schema"]]


@every("case", OURS.cases)
def test_every_case_is_as_the_schema_says(case: str, made: Callable[[str, str], Made]) -> None:
    _, _, written = made(case, "json")
    assert list(validator().iter_errors(json.loads(written))) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("format",), "streamwise-record/2"),
        (("rules", "hash"), "not hexadecimal"),
        (("record", "title"), ""),
        (("record", "title"), "x" * 201),
        (("record", "date"), "yesterday"),
        (("record", "colour"), "red"),
        (("record", "status"), "rejected"),
        (("record", "chosen"), "../sse"),
        (("record", "evidence", 0, "runs"), 0),
        (("record", "evidence", 0, "measurements"), []),
        (("record", "evidence", 0, "measurements", 0, "tokens"), "100"),
        (("verdict", "kind"), "maybe"),
        (("verdict", "margin"), -1),
        (("verdict", "reasons", 0, "force"), "nudges"),
        (("sources", 0, "basis"), "guessed"),
        (("sources", 0, "source", 0, "url"), "javascript:alert(1)"),
    ],
)
def test_the_schema_refuses_what_is_wrong(
    path: tuple[str | int, ...], value: object, made: Callable[[str, str], Made]
) -> None:
    _, _, written = made(next(iter(OURS.cases)), "json")
    document: Any = json.loads(written)
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert [error.absolute_path for error in validator().iter_errors(document)]


def test_the_schema_has_every_part_required(made: Callable[[str, str], Made]) -> None:
    _, _, written = made(next(iter(OURS.cases)), "json")
    document = json.loads(written)
    for part in list(document):
        assert list(validator().iter_errors({k: v for k, v in document.items() if k != part})), part


def test_files_of_proxies_are_in_it_and_fit_the_schema() -> None:
    path = next(qid for qid, question in OURS.questions.items() if question.places)
    report = build(OURS, {"uplink": ("controls",), path: tuple(OURS.configs)})
    document = json.loads(data.render(report, record_of(report)))
    assert [one["proxy"] for one in document["configs"]] == list(OURS.configs)
    assert [one["files"] for one in document["configs"]] == [dict(config.files) for config in report.configs]
    assert not list(validator().iter_errors(document))
