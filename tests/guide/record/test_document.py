"""The neutral form: text on one line that shows what is in it and reaches no further."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guide.record.document import Link, Mark, Plain, Typed, clean, line, prose, strong, typed


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("plain", "plain"),
        (" a \t b\r\n\u2028c ", " a b c "),
        ("a\x07b\x00\x9f", "a\ufffdb\ufffd\ufffd"),
        ("a\u202eb", "a\u202eb\u202c"),
        ("a\u202eb\u202c", "a\u202eb\u202c"),
        ("\u202c\u202ea", "\u202c\u202ea\u202c"),
        ("\u202a\u2067a", "\u202a\u2067a\u2069\u202c"),
        ("\u2067\u202ea\u2069", "\u2067\u202ea\u2069"),
        ("\u2067\u2068a\u2069", "\u2067\u2068a\u2069\u2069"),
        ("\u2069\u202c", "\u2069\u202c"),
        ("naïve 你好 💥", "naïve 你好 💥"),
    ],
)
def test_clean(text: str, seen: str) -> None:
    assert clean(text) == seen


@given(st.text(alphabet=st.sampled_from("ab \n\t\x00\x07\u2028\u202a\u202e\u202c\u2066\u2068\u2069")))
def test_cleaned_text_is_one_line_and_clean(text: str) -> None:
    found = clean(text)
    assert len(found.splitlines()) <= 1
    assert not [c for c in found if unicodedata.category(c) == "Cc"]
    assert clean(found) == found


def test_a_line_takes_strings_and_spans() -> None:
    marks = (Mark(1), Mark(2))
    link = Link("a", "https://a.example")
    assert line("x\n", strong("y"), marks, link) == (Plain("x "), Plain("y", "strong"), *marks, link)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("an `id:` line", (Plain("an "), Plain("id:", "code"), Plain(" line"))),
        ("`id:`", (Plain("id:", "code"),)),
        ("a ` alone", (Plain("a ` alone"),)),
        ("none", (Plain("none"),)),
    ],
)
def test_code_in_texts_of_ours(text: str, found: object) -> None:
    assert prose(text) == found


@pytest.mark.parametrize(
    ("text", "paragraphs"),
    [
        ("", ()),
        ("\n\n", ()),
        ("a\nb", (("a", "b"),)),
        ("a\r\n\r\n\r\n  b  c \n", (("a",), ("b c",))),
        ("a\n \t\nb\x0bc", (("a",), ("b", "c"))),
    ],
)
def test_typed_text_keeps_its_lines(text: str, paragraphs: tuple[tuple[str, ...], ...]) -> None:
    assert typed(text) == Typed(paragraphs)
