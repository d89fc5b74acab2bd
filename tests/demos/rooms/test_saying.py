"""What pages say is checked, counts once however often it comes, and is refused at the wrong time."""

from __future__ import annotations

from typing import Any

import pytest

from demos.protocol.errors import Refusal
from demos.rooms.room import Room
from demos.rooms.rounds import AGENDAS
from demos.rooms.saying import Act, say
from guide.book import book
from tests.demos.rooms.rooms import receipt, room, run_facts


def tell(found: Room, **given: Any) -> Act | None:
    return say(found, 1, given, lambda number: run_facts(), 0.0)


def refused(found: Room, **given: Any) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        tell(found, **given)
    return refusal.value


def running(name: str = "plain") -> Room:
    found = Room("ABC234", "all", room().limits, 0.0)
    found.join("phone", "", False, 0.0).links = 1
    found.enter([step.name for step in AGENDAS["all"]].index(name), 0)
    found.next(0)
    found.tick(99)
    assert found.round
    found.round.readers.add(1)
    return found


def test_a_receipt_twice_counts_once() -> None:
    found = running()
    for _ in range(2):
        tell(found, what="receipt", round=1, receipts=[receipt(), receipt("websocket")])
    assert found.round
    assert (found.round.received, list(found.round.counted)) == ({1}, [1])


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"what": "nothing"}, "what"),
        ({}, "what"),
        ({"what": "predict", "round": 1, "choice": "sse", "text": "hello"}, "text"),
        ({"what": "receipt", "round": 1, "receipts": []}, "receipts"),
        ({"what": "receipt", "round": 1, "receipts": [receipt(at=[1.0])]}, "differ in length"),
        ({"what": "receipt", "round": 1, "receipts": [receipt(at=[float("nan")] * 121)]}, "at"),
        ({"what": "checks", "websocket": True, "streaming": True, "round_trip_ms": -1, "worst_ms": 1}, "round_trip_ms"),
        ({"what": "stuck", "on": True, "reason": "<b>typed</b>"}, "reason"),
    ],
)
def test_what_is_malformed_is_refused_and_named(given: dict[str, Any], why: str) -> None:
    refusal = refused(running(), **given)
    assert refusal.status == 400
    assert why in refusal.message


def test_who_has_read_nothing_has_nothing_to_tell() -> None:
    """Somebody who joined in mid-run, and somebody who has never opened a stream."""
    found = running()
    late = found.join("phone", "", False, 0.0).number
    for number in (1, late):
        assert found.round
        found.round.readers.discard(1)
        with pytest.raises(Refusal) as refusal:
            say(found, number, {"what": "receipt", "round": 1, "receipts": [receipt()]}, lambda _: run_facts(), 0.0)
        assert refusal.value.code == "not_a_reader"
    nothing = {"transport": "websocket", "client": "x", "at": [], "seq": [], "token": [], "blocked": True}
    tell(found, what="receipt", round=1, receipts=[nothing])
    assert found.round
    assert found.round.received == {1}


def test_an_expectation_counts_before_the_run_only() -> None:
    found = running()
    assert refused(found, what="predict", round=1, choice="sse").code == "too_late"
    assert refused(found, what="ready", round=7).code == "other_round"
    found.again(0)
    assert refused(found, what="predict", round=2, choice="nonsense").status == 400
    tell(found, what="predict", round=2, choice="sse")
    tell(found, what="predict", round=2, choice="same")
    assert found.round
    assert found.round.predictions == {1: "same"}


def test_answers_are_those_of_the_question_and_one_that_excludes_others_stands_alone() -> None:
    found = Room("ABC234", "questions", room().limits, 0.0)
    found.join("phone", "", False, 0.0)
    found.next(0)
    uplink = book().questions["uplink"]
    alone = next(key for key, answer in uplink.answers.items() if answer.alone)
    other = next(key for key, answer in uplink.answers.items() if not answer.alone)
    tell(found, what="answer", question="uplink", answers=[other, alone])
    assert found.people[1].answers["uplink"] == (alone,)
    assert "one or more of" in refused(found, what="answer", question="uplink", answers=["typed"]).message
    assert "one of" in refused(found, what="answer", question="resume", answers=[]).message
    assert refused(found, what="answer", question="path", answers=["nginx"]).code == "not_now"


def test_stuck_done_and_leaving() -> None:
    found = running()
    tell(found, what="stuck", on=True, reason="network")
    tell(found, what="done", on=True)
    assert (found.people[1].stuck, found.people[1].done) == ("network", True)
    assert found.stuck_moments == [(found.place, 1)]
    tell(found, what="stuck", on=False)
    assert found.people[1].stuck is None
    tell(found, what="leave")
    assert not found.people


def test_what_is_for_the_run_is_handed_back() -> None:
    found = running("steer")
    assert tell(found, what="act", round=1, act="steer", choice="shorter") == Act(
        what="act", round=1, act="steer", choice="shorter"
    )
