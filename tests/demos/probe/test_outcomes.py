"""What a check can find has a verdict, a sentence, and where it is the path's fault a fix."""

from __future__ import annotations

import pytest

from demos.probe.fingerprints import behind
from demos.probe.outcomes import OUTCOMES, UNTRIED, Judge
from guide.book import book

BOOK = book()


def test_every_outcome_has_a_sentence_and_every_answer_an_outcome() -> None:
    assert {f"probe.{outcome}" for outcome in OUTCOMES} <= set(BOOK.words)
    assert {outcome for one in BOOK.outcomes.values() for outcome in one.found} <= set(OUTCOMES)
    assert set(UNTRIED) <= {outcome for outcome, (verdict, _) in OUTCOMES.items() if verdict == "unknown"}


def test_a_finding_is_said_in_the_guides_words_with_the_fix_of_what_stands_there() -> None:
    one = Judge(BOOK, (behind(BOOK, "haproxy"),)).found("silence-cut", "websocket", cut="2", why="reset")
    assert (one.verdict, one.transport, one.sentence) == (
        "bad",
        "websocket",
        "WebSocket is cut after 2 s of silence (reset).",
    )
    assert [(fix.means, fix.sure) for fix in one.fixes] == [("haproxy", True)]


def test_what_a_sentence_needs_must_be_told() -> None:
    with pytest.raises(KeyError, match="cut"):
        Judge(BOOK, ()).found("silence-cut", "sse", why="reset")
