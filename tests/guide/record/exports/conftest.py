"""Each case rendered once in each form, for all tests of a worker."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest

from guide import book as books
from guide.model import Evidence
from guide.record.exports import formats
from guide.report.report import build
from tests.guide.record.exports.hostile import Made, hostile_fields
from tests.guide.records import record_of


@pytest.fixture(scope="session")
def made(evidence: Evidence) -> Callable[[str, str], Made]:
    """(report, record, file) of a case in a form; the record carries evidence."""
    ours = books.book()
    renders = {form.suffix: form.render for form in formats()}

    @functools.cache
    def _made(case: str, suffix: str) -> Made:
        report = build(ours, dict(ours.cases[case].answers))
        record = record_of(report, context="What we build.\n\nFor whom.", deciders="Ann, Bob", evidence=(evidence,))
        return report, record, renders[suffix](report, record)

    return _made


@pytest.fixture(scope="session")
def hostile(evidence: Evidence) -> dict[str, Any]:
    """Fields of a record in which everything that can be typed or loaded is hostile."""
    return hostile_fields(evidence)
