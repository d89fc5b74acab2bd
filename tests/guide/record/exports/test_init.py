"""Every format, present and future: found by its file, and good for every case."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from guide import book as books
from guide.record import exports
from guide.record.exports import Format, formats
from tests.every import every
from tests.guide.record.exports.hostile import Made

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


@every("form", FORMATS)
@every("case", OURS.cases)
def test_every_case_in_every_format(case: str, form: Format, made: Callable[[str, str], Made]) -> None:
    report, record, written = made(case, form.suffix)
    assert written == form.render(report, record), "the same record must give the same file"
    without = form.render(report, record.model_copy(update={"evidence": ()}))
    assert len(without) < len(written)
    if form.text:
        assert OURS.version in without.decode()
        assert OURS.hash in without.decode()


def test_a_person_can_read_all_but_the_pdf() -> None:
    assert {form.suffix for form in FORMATS if not form.text} == {"pdf"}
