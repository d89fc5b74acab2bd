"""A short record can be read: at most 900 words, and two pages, or three with two measurements."""

from __future__ import annotations

import pytest

from guide import book as books
from guide.model import Evidence
from guide.record import appendix
from guide.record.exports import html_file, markdown, pdf
from guide.report.report import build
from tests.every import every
from tests.guide.records import record_of
from tests.pdf_text import pages

OURS = books.book()
MOST_WORDS = 900


@every("case", OURS.cases)
def test_the_short_record_of_a_case_has_few_words(case: str) -> None:
    report = build(OURS, dict(OURS.cases[case].answers))
    short, whole = (markdown.render(report, record_of(report), short).decode() for short in (True, False))
    assert len(short.split()) <= MOST_WORDS
    assert f"## {appendix.APPENDIX}" in whole
    assert appendix.APPENDIX not in short
    assert appendix.APPENDIX not in html_file.render(report, record_of(report), short=True).decode()


@pytest.mark.parametrize("case", OURS.cases)
def test_the_short_record_of_a_case_has_two_pages_and_a_third_for_two_measurements(
    case: str, evidence: Evidence
) -> None:
    report = build(OURS, dict(OURS.cases[case].answers))
    assert len(pages(pdf.render(report, record_of(report), short=True))) <= 2
    labels = {f"figure{n}_ms": f"What only this scenario measures, {n}" for n in range(5)}
    figures = dict.fromkeys(labels, 1000.0)
    rows = tuple(m.model_copy(update={"figures": figures, "gap_p95_ms": 9}) for m in evidence.measurements)
    large = evidence.model_copy(update={"measurements": rows, "labels": labels})
    assert len(pages(pdf.render(report, record_of(report, evidence=(large, large)), short=True))) <= 3


@pytest.mark.parametrize("case", OURS.cases)
def test_no_table_of_measurements_goes_over_a_page(case: str, evidence: Evidence) -> None:
    report = build(OURS, dict(OURS.cases[case].answers))
    kept = tuple(evidence.model_copy(update={"title": f"Run {n}", "how": f"Run {n}."}) for n in range(6))
    text = pages(pdf.render(report, record_of(report, evidence=kept)))
    for n in range(6):
        (page,) = [page for page in text if f"Measured: Run {n}" in page]
        part = page[page.index(f"Measured: Run {n}") :]
        assert part.index("Tokens") < part.index("Gap p50"), "the whole table stands under its title"
    assert sum("Appendix" in page for page in text) == 1
