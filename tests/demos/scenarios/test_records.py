"""What any scenario measures prints in every form of the record, and the JSON is read again."""

from __future__ import annotations

import datetime
from html import unescape
from typing import Any

import pytest

from demos.evidence import make
from demos.harness.scenario import Scenario
from demos.scenarios import scenarios
from guide import book as books
from guide.model import Evidence, Measurement, Spread
from guide.record.exports import formats
from guide.record.saved_record import load
from guide.report.report import build
from tests.guide.records import record_of
from tests.pdf_text import pages

OURS = books.book()
CASE = next(iter(OURS.cases.values()))


def evidence(name: str, scenario: Scenario, runs: int) -> Evidence:
    """Every figure with a value of its own; where there were several runs, with least and most."""
    made = []
    for n, subject in enumerate(scenario.subjects):
        figures = {figure: 1000.0 + 10 * n + place for place, figure in enumerate(scenario.figures)}
        own: dict[str, Any] = {
            "tokens": 60,
            "events": 70,
            "lost": n,
            "repeated": 0,
            "reconnects": 1,
            "first_token_ms": 400.5 + n,
        }
        spread = {key: Spread(least=1, most=2000 + n, runs=runs) for key in (*figures, "first_token_ms")}
        made.append(
            Measurement(
                transport=subject.transport,
                client=subject.client,
                finished=True,
                figures=figures,
                spread=spread if runs > 1 else {},
                **own,
            )
        )
    return make(name, OURS.words[f"scenario.{name}.title"], "By hand.", made, seed=7, runs=runs)


RUNS = (1, 10)
"""A single run has no spread, several have one; they take turns, so that each form of the record meets both."""


@pytest.mark.parametrize(("n", "name", "scenario"), [(n, *pair) for n, pair in enumerate(scenarios().items())])
def test_it_prints_and_is_read_again(n: int, name: str, scenario: Scenario) -> None:
    runs = RUNS[n % 2]
    report, kept = build(OURS, dict(CASE.answers)), evidence(name, scenario, runs)
    record = record_of(report, evidence=(kept,), date=datetime.date(2026, 11, 25))
    files = {form.suffix: form.render(report, record) for form in formats()}
    assert set(files) == {"md", "html", "pdf", "json"}
    pdf = " ".join(pages(files["pdf"]))
    for text in (files["md"].decode(), unescape(files["html"].decode()), pdf):
        flat = " ".join(text.split())
        assert kept.title in flat
        assert ("2,000" in flat) == (runs > 1 and bool(scenario.figures))
    loaded = load(files["json"], OURS)
    assert loaded.record.evidence == (kept.model_copy(update={"verified": False}),)
