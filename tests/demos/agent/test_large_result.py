from __future__ import annotations

import zlib
from typing import Any

import pytest

from demos.agent.large_result import AFTER_TOKENS, Blob, text
from demos.protocol.events import Draft

TOKEN = Draft("messages", {"event": "content-block-delta", "delta": {"type": "text-delta", "text": "a"}}, node="answer")


def said(blob: Blob, tokens: int) -> list[tuple[int, dict[str, Any]]]:
    """(tokens before it, what it says) for each part."""
    parts = [(n, one.data["payload"]) for n in range(1, tokens + 1) for one in blob.after(TOKEN)]
    return parts + [(tokens, one.data["payload"]) for one in blob.rest()]


def test_no_blob_says_nothing() -> None:
    assert said(Blob(0, 0, seed=1), 30) == []


@pytest.mark.parametrize("part", [0, 100])
def test_a_whole_one_comes_at_once_in_mid_answer(part: int) -> None:
    ((before, data),) = said(Blob(100, part, seed=1), 30)
    assert (before, data["part"], data["parts"], data["text"]) == (AFTER_TOKENS, 1, 1, text(100, 1))


def test_parts_come_one_after_each_token_and_the_rest_at_the_end() -> None:
    parts = said(Blob(50, 20, seed=2), AFTER_TOKENS + 1)
    assert [(before, data["part"]) for before, data in parts] == [(15, 1), (16, 2), (16, 3)]
    assert "".join(data["text"] for _, data in parts) == text(50, 2)


def test_events_that_are_no_tokens_bring_no_part() -> None:
    assert list(Blob(10, 0, seed=1).after(Draft("values", {}))) == []


def test_the_text_is_of_the_size_and_hard_to_compress() -> None:
    assert len(text(10_000, 3)) == 10_000
    assert text(100, 3) == text(100, 3) != text(100, 4)
    assert len(zlib.compress(text(10_000, 3).encode())) > 7_000
