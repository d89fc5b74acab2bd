"""The name of a record's file: its number, then as many words of its title as fit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guide import book as books
from guide.record.file_name import LONGEST, file_name, short_title
from guide.report.report import build
from tests.guide.records import record_of

OURS = books.book()


@pytest.mark.parametrize(
    ("title", "short"),
    [
        ("How it travels", "how-it-travels"),
        (
            "Transport of our agent's output: SSE read with fetch, and POST for commands",
            "transport-of-our-agents-output-sse-read-with-fetch",
        ),
        ("Über  naïve/clients: 2 of 3!", "uber-naive-clients-2-of-3"),
        ("../../etc/passwd", "etc-passwd"),
        ("你好", "decision"),
        ("-", "decision"),
        ("x" * 200, "x" * LONGEST),
        ("a" * 49 + " b", "a" * 49),
    ],
)
def test_whole_words_of_the_title(title: str, short: str) -> None:
    assert short_title(title) == short


@given(st.text(max_size=200))
def test_a_short_title_is_safe_and_short_whatever_was_typed(title: str) -> None:
    found = short_title(title)
    assert 1 <= len(found) <= LONGEST
    assert not found.strip("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert found == found.strip("-")


def test_the_number_comes_first() -> None:
    report = build(OURS, {"uplink": ("nothing",)})
    assert file_name(record_of(report, title="How it travels"), "md") == "0001-how-it-travels.md"
    assert file_name(record_of(report, title="How it travels", number=42), "pdf") == "0042-how-it-travels.pdf"
