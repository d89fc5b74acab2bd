"""Each case rendered once in each form, for all tests of a worker."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest

from guide import book as books
from guide.model import Evidence, Record
from guide.record.exports import formats
from guide.report.report import Report, build
from tests.guide.conftest import record_of

Made = tuple[Report, Record, bytes]
HOSTILE = (
    "</style></title><script>alert(1)</script> <img src=x onerror=alert(1)> &amp; ]]> --> "
    '#sys.inputs #read("/etc/passwd") $x$ `code` *b* _i_ @label <label> \\ // /* '
    "\u202eturned\u2066 💥 你好 \x07\x00 www.evil.example http://evil.example 'single' \"double\" {} %s"
)
"""What no format may take for markup. Its last words end inside two changes of direction."""


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
    rows = tuple(m.model_copy(update={"client": HOSTILE}) for m in evidence.measurements)
    fields = dict.fromkeys(("title", "how", "where"), HOSTILE)
    evil = evidence.model_copy(update={**fields, "versions": {HOSTILE: HOSTILE}, "measurements": rows})
    context = f"{HOSTILE}\n# {HOSTILE}\n\n= {HOSTILE}\r\n{'w' * 2000}"
    return {
        "title": HOSTILE[:200],
        "context": context,
        "deciders": HOSTILE,
        "reason": f"{HOSTILE}\n{HOSTILE}",
        "evidence": (evil,),
    }
