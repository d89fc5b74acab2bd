"""Every format, present and future: found by its file, and good for every case."""

from __future__ import annotations

from pathlib import Path

import pytest

from guide import book as books
from guide import exports
from guide.exports import Format, formats
from guide.model import Evidence
from guide.report import build
from tests.guide.conftest import record_of

OURS = books.book()
FORMATS = formats()


def test_one_file_one_format() -> None:
    files = {path.stem for path in Path(exports.__file__).parent.glob("*.py")} - {"__init__"}
    assert {form.name for form in FORMATS} == files
    assert len({form.suffix for form in FORMATS}) == len({form.label for form in FORMATS}) == len(FORMATS)


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_a_format_has_a_label_for_its_button(form: Format) -> None:
    assert 2 <= len(form.label) <= 40
    assert "\n" not in form.label
    assert "/" in form.mime
    assert form.suffix.isalnum()


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
@pytest.mark.parametrize("case", OURS.cases)
def test_every_case_in_every_format(case: str, form: Format, evidence: Evidence) -> None:
    report = build(OURS, dict(OURS.cases[case].answers))
    plain = form.render(report, record_of(report))
    assert OURS.version in plain.decode()
    assert OURS.hash in plain.decode()
    assert plain == form.render(report, record_of(report)), "the same record must give the same file"
    assert len(form.render(report, record_of(report, evidence=(evidence,)))) > len(plain)
