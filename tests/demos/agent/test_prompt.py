from __future__ import annotations

from demos.agent import prompt
from tests.demos.toys import KNOWLEDGE


def test_facts_are_numbered_in_the_order_in_which_they_were_found() -> None:
    text = prompt.task(KNOWLEDGE.facts, ["proxy", "reconnect"], ["the client sends a few controls"])
    assert "[1] A proxy may hold an event stream back. Figure: 4 KiB. May not hold: elsewhere" in text
    assert "[2] EventSource reconnects" in text
    assert "What the user told the guide: the client sends a few controls." in text
    assert "holds no fact" not in text


def test_without_facts_it_is_to_say_so() -> None:
    text = prompt.task(KNOWLEDGE.facts, [], [])
    assert "holds no fact about this question. Say so" in text
    assert "What the user told" not in text


def test_a_remark_is_told_with_the_question() -> None:
    assert prompt.question("Why?", "") == "Why?"
    assert prompt.question("Why?", "be brief").endswith("you said: be brief.")


def test_the_coda_has_the_sources_and_who_wrote_it() -> None:
    text = prompt.coda(KNOWLEDGE.facts, ["proxy"], "small")
    assert "[1] A standard, https://example.org/standard (checked 2026-11-01)\n" in text
    assert text.endswith("Written by small, a language model; it may be wrong. The sources are the guide's.")
    assert "Sources:" not in prompt.coda(KNOWLEDGE.facts, [], "small")
