"""Our sentences are plain: no word that we do not use, none too long, and all of them easy to read."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.plain_english import (
    MOST_WORDS,
    Text,
    avoided_in,
    measure,
    syllables,
    texts,
    to_avoid,
    too_long_in,
)

LEAST_EASE = 84.0
"""Flesch reading ease of all texts together. 60 counts as plain; ours are short, and many of their words are names."""
Finds = Callable[[Text], list[str]]


def found(finds: Finds) -> list[str]:
    return [f"{one.file}: {one.place}: {what}" for one in texts() for what in finds(one)]


def test_no_text_has_a_word_that_we_do_not_use() -> None:
    assert found(avoided_in) == []


def test_no_sentence_is_too_long() -> None:
    assert found(too_long_in) == []


def test_all_of_it_is_easy_to_read(record_property: Callable[[str, object], None]) -> None:
    whole = measure(texts())
    record_property("reading ease", round(whole.ease, 1))
    record_property("grade", round(whole.grade, 1))
    assert whole.ease >= LEAST_EASE


def test_every_kind_of_text_is_looked_at() -> None:
    files = {one.file for one in texts()}
    assert {"questions/uplink.yaml", "words/en/guide.yaml", "facts/both.yaml", "comparison.yaml"} <= files
    assert {"guide/record/outline.py", "demos/processes/jobs.py", "guide/book/checks.py"} <= files
    assert "published.yaml" not in files


@pytest.mark.parametrize(
    ("text", "avoided"),
    [
        ("Each has a port of\nits own.", ["of its own"]),
        ("Utilise it, and so on…", ["utilise", "…"]),
        ("It shallowly stands on hennaed thusness.", []),
        ("Run `it as it comes`.", []),
    ],
)
def test_a_word_is_found_wherever_it_stands(text: str, avoided: list[str]) -> None:
    assert sorted(avoided_in(Text("", "", text))) == sorted(avoided)
    assert all(to_avoid().values())


def test_a_sentence_is_as_long_as_it_is_read() -> None:
    many = " ".join(["word"] * MOST_WORDS)
    assert too_long_in(Text("", "claim", f"{many}. {many}? 12 + {{n}} `a b c d`.")) == []
    assert len(too_long_in(Text("", "claim", f"{many}: word. {many}."))) == 1
    assert too_long_in(Text("", "fact.measured", f"{many}: word.")) == []


def test_hard_words_count_more() -> None:
    assert [syllables(word) for word in ("cat", "heartbeat", "configuration")] == [1, 2, 5]
    easy, hard = (
        measure([Text("", "", text)]) for text in ("The cat sat.", "Configuration facilitates communication.")
    )
    assert easy.ease > hard.ease
    assert easy.grade < hard.grade
