"""JSON: for programs, and for opening the record again."""

from __future__ import annotations

import json

import pytest

from guide import book as books
from guide.engine import decide
from guide.exports import data
from guide.model import Evidence
from guide.record import load
from guide.report import build
from tests.guide.conftest import record_of

OURS = books.book()


@pytest.mark.parametrize("case", OURS.cases)
def test_what_was_written_is_read_again_and_decided_again(case: str, evidence: Evidence) -> None:
    report = build(OURS, dict(OURS.cases[case].answers))
    record = record_of(report, evidence=(evidence,))
    text = data.render(report, record)
    loaded = load(text, OURS)
    assert loaded.record == record.model_copy(update={"evidence": (evidence.model_copy(update={"verified": False}),)})
    assert decide(OURS, loaded.record.answers) == report.verdict
    again = build(OURS, loaded.record.answers)
    assert json.loads(data.render(again, loaded.record))["verdict"] == json.loads(text)["verdict"]


@pytest.mark.parametrize("case", OURS.cases)
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
