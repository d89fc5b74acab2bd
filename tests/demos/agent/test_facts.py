from __future__ import annotations

from demos.agent.facts import from_book
from tests.demos.toys import KNOWLEDGE


def test_the_question_finds_its_facts() -> None:
    assert KNOWLEDGE.look_up("Does EventSource reconnect?", {})[0] == "reconnect"
    assert KNOWLEDGE.look_up("Will my proxy hold the stream?", {})[0] == "proxy"


def test_facts_behind_the_users_answers_and_facts_asked_for_come_in() -> None:
    assert KNOWLEDGE.look_up("hello", {"uplink": ("controls",)}) == ["proxy"]
    assert KNOWLEDGE.look_up("hello", {}, wanted=["heartbeat"]) == ["heartbeat"]


def test_nothing_fits_and_ids_that_do_not_exist() -> None:
    assert KNOWLEDGE.look_up("hello", {"no": ("such",)}, wanted=["nosuch"]) == []


def test_answers_are_reported_in_words() -> None:
    assert KNOWLEDGE.reported({"uplink": ("controls", "unknown")}) == ["the client sends a few controls"]


def test_the_book_gives_facts_and_words() -> None:
    knowledge = from_book()
    assert knowledge.facts
    assert set(knowledge.cited) == set(knowledge.said)
    assert all(fact in knowledge.facts for facts in knowledge.cited.values() for fact in facts)
