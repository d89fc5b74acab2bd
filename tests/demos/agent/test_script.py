from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from demos.agent.script import LABEL, answer, pieces, plan
from tests.demos.toys import KNOWLEDGE


def test_an_answer_cites_by_number_with_source_and_date() -> None:
    text = answer(KNOWLEDGE.facts, ["proxy", "reconnect"], ["the client sends a few controls"], remark="yes")
    assert "You told the guide that the client sends a few controls." in text
    assert "1. A proxy may hold an event stream back. [1]" in text
    assert "[2] A standard, https://example.org/standard (checked 2026-11-01)" in text
    assert "said: yes" in text
    assert text.endswith(LABEL)


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
