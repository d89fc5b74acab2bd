"""Somebody's text on a page: nothing in it is Markdown, and no address becomes a link by itself."""

from __future__ import annotations

import string

import pytest

from guide.pages.frame import unmarked

JOINER = "\u2060"


@pytest.mark.parametrize("character", string.punctuation)
def test_every_character_that_markdown_could_read_is_escaped(character: str) -> None:
    assert unmarked(f"a {character} b") in (f"a \\{character} b", f"a \\{character}{JOINER} b")


@pytest.mark.parametrize("text", ["https://evil.example", "HTTP://evil.example", "www.evil.example", "a@evil.example"])
def test_an_address_is_broken_by_a_character_without_width(text: str) -> None:
    """remark-gfm finds addresses in the text that is left after all escapes."""
    left = unmarked(text).replace("\\", "")
    assert left != text
    assert left.replace(JOINER, "") == text


def test_lines_become_one() -> None:
    assert unmarked("a\n\n# b") == "a \\# b"
