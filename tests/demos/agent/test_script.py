from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demos.agent.script import CLOSINGS, FILLERS, LABEL, answer, approval, pieces, plan
from tests.demos.toys import KNOWLEDGE


def test_an_answer_cites_by_number_with_source_and_date() -> None:
    text = answer(KNOWLEDGE.facts, ["proxy", "reconnect"], ["the client sends a few controls"], remark="yes")
    assert "You told the guide that the client sends a few controls." in text
    assert "1. A proxy may hold an event stream back. [1]" in text
    assert "[2] A standard, https://example.org/standard (checked 2026-11-01)" in text
    assert text.startswith("Approved: Ana gets 40 EUR back for order 1182.\n\n")
    assert text.endswith(LABEL)


@pytest.mark.parametrize(
    ("said", "told"),
    [("no", "Declined: Ana gets no money back"), (" Yes ", "Approved"), ("20 EUR", "you said: 20 EUR.")],
)
def test_what_was_asked_has_a_consequence_and_the_answer_tells_it(said: str, told: str) -> None:
    asked = approval()
    for part in (asked["action"], str(asked["amount_eur"]), asked["to"], str(asked["order"])):
        assert part in asked["question"].lower() or part in asked["question"]
    assert told in answer(KNOWLEDGE.facts, ["proxy"], [], remark=said)


def test_without_facts_it_says_so() -> None:
    assert "holds no fact" in answer(KNOWLEDGE.facts, [], [])


def test_a_plan_names_the_question() -> None:
    assert "about: what?" in plan(" what? ", [])


@given(st.text())
def test_tokens_put_together_are_the_text(text: str) -> None:
    assert "".join(pieces(text)) == text


@given(st.text(), st.integers(1, 50))
def test_a_count_cuts_or_extends(text: str, count: int) -> None:
    assert len(pieces(text, count)) == (count if pieces(text) else 0)


ENDS = re.compile(r"""[.!?)\]]["']?$""")


@pytest.mark.parametrize("found", [["proxy", "reconnect", "heartbeat"], []])
def test_whatever_its_length_an_answer_ends_with_a_sentence_or_a_source(found: list[str]) -> None:
    text = answer(KNOWLEDGE.facts, found, ["the client sends a few controls"])
    for count in range(1, 2 * len(pieces(text)) + 3):
        tokens = pieces(text, count)
        assert len(tokens) == count
        last = tokens[-1].strip()
        assert ENDS.search(last), (count, "".join(tokens)[-60:])
        assert not re.fullmatch(r"\d+\.", last), (count, "".join(tokens)[-60:])


def test_a_short_answer_is_the_whole_sentences_that_fit_and_words_that_close_it() -> None:
    text = "One two three. Four five six seven."
    assert "".join(pieces(text, 5)) == "One two three. That's all."
    assert "".join(pieces(text, 3)) == "One two three."
    assert "".join(pieces(text, 12)) == f"{text}\n\nOnce more: One two three. That's all."
    assert "".join(pieces(text, 2)) == "That's all."
    assert "".join(pieces(text, 9)) == f"{text} That's all."


def test_closing_words_are_as_many_as_their_place_says() -> None:
    assert [len(closing.split()) for closing in CLOSINGS] == list(range(1, len(CLOSINGS) + 1))
    assert max(len(filler.split()) for filler in FILLERS) < len(CLOSINGS)
