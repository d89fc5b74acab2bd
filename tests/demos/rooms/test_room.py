"""The state machine: every phase has a way on, nobody counts twice, and time ends what waits."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demos.limits import Limits
from demos.protocol.errors import Refusal
from demos.rooms.people import AWAY_S
from demos.rooms.room import EVERYBODY, SCREENS, Room
from demos.rooms.round import ARMING_S, COLLECTING_S
from demos.rooms.rounds import AGENDAS, HALFWAY, ROUNDS
from demos.rooms.saying import say
from demos.rooms.states import Around, Role, state
from tests.demos.rooms.rooms import receipt, room, run_facts


def around(now: float = 0.0) -> Around:
    return Around(now, 1, "http://192.0.2.7:8501/r/ABC234", {"sse": 1.0, "websocket": 1.0})


def facts(number: int) -> Any:
    return run_facts()


def receives(found: Room, number: int, now: float) -> None:
    """A person's receipt, who has opened a stream before."""
    if found.round is not None:
        found.round.readers.add(number)
    say(found, number, {"what": "receipt", "round": found.played, "receipts": [receipt()]}, facts, now)


def told(found: Room, number: int = 1) -> dict[str, Any]:
    you: dict[str, Any] = state(found, "attendee", around(), number)["you"]
    return you


def phase(found: Room) -> str:
    """Its phase; a call, since what is asserted of a field is taken to stay."""
    return found.phase


def ready(found: Room, *numbers: int) -> None:
    for number in numbers:
        say(found, number, {"what": "ready", "round": found.played}, facts, 0.0)


def test_a_round_goes_from_prediction_to_reveal() -> None:
    found = room(people=2)
    assert found.next(0) == []
    assert (phase(found), told(found)["open"]) == ("predict", False)
    assert found.next(1) == ["prepare"]
    assert (phase(found), told(found)["open"]) == ("arming", True)
    ready(found, 1)
    assert found.tick(2) == []
    ready(found, 2)
    assert found.tick(2) == ["start"]
    assert phase(found) == "running"
    assert found.run_over(10) == []
    for number in (1, 2):
        receives(found, number, 10)
    found.tick(10)
    assert phase(found) == "reveal"
    assert told(found)["figures"]["sse"]["tokens"] == 120
    found.next(11)
    assert (phase(found), found.place) == ("predict", 1)


def test_nobody_waits_longer_than_the_bound_and_who_was_not_ready_is_late() -> None:
    found = room(people=3)
    found.next(0)
    found.next(0)
    ready(found, 1, 2)
    assert found.tick(ARMING_S - 0.1) == []
    assert found.tick(ARMING_S) == ["start"]
    assert [told(found, number)["late"] for number in (1, 2, 3)] == [False, False, True]
    found.run_over(20)
    found.tick(20 + COLLECTING_S - 0.1)
    assert phase(found) == "collecting"
    found.tick(20 + COLLECTING_S)
    assert phase(found) == "reveal"


def test_who_is_away_is_not_waited_for() -> None:
    found = room(people=2)
    found.people[2].links = 0
    found.next(AWAY_S)
    found.next(AWAY_S)
    ready(found, 1)
    assert found.tick(AWAY_S + 0.1) == ["start"]


def test_a_room_without_people_goes_on() -> None:
    found = room()
    found.next(0)
    found.next(0)
    assert found.tick(0) == ["start"]


def test_everybody_is_cut_once_and_only_where_the_round_cuts() -> None:
    found = room(people=1)
    found.enter(0, 0)
    found.next(0)
    found.tick(9)
    with pytest.raises(Refusal):
        found.drop(0)
    found.enter(1, 0)
    found.next(0)
    found.tick(9)
    assert found.drop(5_000) == ["cut"]
    with pytest.raises(Refusal):
        found.drop(6_000)


def test_late_ones_open_halfway_and_all_open_after_the_end() -> None:
    found = Room("ABC234", "all", room().limits, 0.0)
    for _ in range(4):
        found.join("phone", "", False, 0.0).links = 1
    found.enter([step.name for step in found.steps].index("viewer"), 0)
    found.next(0)
    assert [told(found, number)["open"] for number in (1, 2, 3, 4)] == [True, False, True, False]
    ready(found, 1, 3)
    found.tick(0)
    found.progress(HALFWAY, 1)
    assert all(told(found, number)["open"] for number in found.people)
    found.enter([step.name for step in found.steps].index("finished"), 0)
    found.next(0)
    assert not told(found)["open"]
    assert found.tick(0.1) == ["start"]
    found.run_over(9)
    assert told(found)["open"]


def test_a_pause_keeps_what_was_left() -> None:
    found = room(people=2)
    found.next(0)
    found.next(0)
    found.pause(1)
    assert found.tick(100) == []
    found.go_on(100)
    assert found.tick(100 + ARMING_S - 1.1) == []
    assert found.tick(100 + ARMING_S - 1) == ["start"]
    with pytest.raises(Refusal):
        found.pause(101)


def test_a_join_wakes_the_screens_and_nobody_else() -> None:
    found = room(people=1)
    found.join("laptop", "Firefox", False, 0)
    assert found.changed == {SCREENS}
    found.next(0)
    assert EVERYBODY in found.changed


def test_a_full_a_locked_and_an_ended_room_let_nobody_in() -> None:
    for code in ("room_full", "room_locked", "room_ended"):
        found = room(people=1)
        found.limits = Limits(room_people=1) if code == "room_full" else found.limits
        found.locked = code == "room_locked"
        if code == "room_ended":
            found.end(0)
        with pytest.raises(Refusal) as refusal:
            found.join("phone", "", False, 0)
        assert refusal.value.code == code


def test_who_leaves_is_forgotten_and_its_number_is_not_given_again() -> None:
    found = room(people=2)
    found.next(0)
    say(found, 2, {"what": "predict", "round": 1, "choice": "sse"}, facts, 0)
    found.leave(2)
    assert found.round is not None
    assert not found.round.predictions
    assert found.join("phone", "", False, 0).number == 3


def test_a_step_again_begins_a_round_of_its_own() -> None:
    found = room(people=1)
    found.next(0)
    say(found, 1, {"what": "predict", "round": 1, "choice": "sse"}, facts, 0)
    found.again(1)
    assert (phase(found), found.played, told(found)["predicted"]) == ("predict", 2, None)
    with pytest.raises(Refusal, match="Round 1"):
        say(found, 1, {"what": "predict", "round": 1, "choice": "sse"}, facts, 1)


def test_a_failed_run_is_a_state_with_a_sentence_and_a_way_on() -> None:
    found = room(people=1)
    found.next(0)
    found.next(0)
    found.tick(9)
    found.run_over(10, "The agent failed.")
    assert (phase(found), state(found, "lead", around())["failed"]) == ("failed", "The agent failed.")
    assert {"next", "again"} <= set(state(found, "lead", around())["can"])


def test_the_wall_learns_what_people_expect_only_afterwards() -> None:
    found = room(people=6)
    found.next(0)
    for number in found.people:
        say(found, number, {"what": "predict", "round": 1, "choice": "same"}, facts, 0)
    before = state(found, "wall", around())
    assert before["counts"]["predicted"] == 6
    assert "same" not in str(before)
    found.next(0)
    found.tick(9)
    found.run_over(10)
    for number in found.people:
        receives(found, number, 10)
    found.tick(10)
    assert state(found, "wall", around())["result"]["predictions"] == {"sse": 0, "websocket": 0, "same": 6}


def test_no_page_but_the_lead_s_learns_of_single_people() -> None:
    found = room(people=3)
    say(found, 2, {"what": "stuck", "on": True, "reason": "network"}, facts, 0)
    assert state(found, "lead", around())["list"][1]["stuck"] == "network"
    wall = state(found, "wall", around())
    assert "list" not in wall
    assert wall["counts"]["stuck"] == 1
    assert len(str(state(found, "attendee", around(), 1))) < 1_200


def test_every_agenda_names_things_that_exist() -> None:
    for agenda in AGENDAS.values():
        assert agenda
        for step in agenda:
            assert (step.kind == "round") == (step.name in ROUNDS)


DEEDS = ("next", "again", "drop", "pause", "go_on", "skip", "run_over", "fail", "tick", "join", "leave", "ready",
         "receipt", "predict", "away", "back")  # fmt: skip


def act(found: Room, deed: str, now: float, person: int) -> None:
    number = sorted(found.people)[person % len(found.people)] if found.people else 0
    match deed:
        case "next" | "again" | "pause" | "go_on":
            getattr(found, deed)(now)
        case "drop":
            found.drop(now * 1000)
        case "skip":
            found.enter(person % len(found.steps), now)
        case "run_over":
            found.run_over(now)
        case "fail":
            found.run_over(now, "The agent failed.")
        case "tick":
            found.tick(now)
        case "join":
            found.join("phone", "", False, now)
        case "leave":
            found.leave(number)
        case "ready":
            say(found, number, {"what": "ready", "round": found.played}, facts, now)
        case "receipt":
            receives(found, number, now)
        case "predict" if found.round is not None:
            say(
                found,
                number,
                {"what": "predict", "round": found.played, "choice": found.round.kind.choices[0]},
                facts,
                now,
            )
        case "away" | "back" if number:
            found.people[number].links = int(deed == "back")


@given(
    st.sampled_from(sorted(AGENDAS)),
    st.lists(st.tuples(st.sampled_from(DEEDS), st.floats(0, 30), st.integers(0, 50)), max_size=60),
)
def test_no_order_of_events_leaves_a_phase_without_a_way_on_or_counts_a_person_twice(
    agenda: str, deeds: list[tuple[str, float, int]]
) -> None:
    found, now = room(agenda, people=2), 0.0
    for deed, passed, person in deeds:
        now += passed
        try:
            act(found, deed, now, person)
        except (Refusal, KeyError):
            pass
        for role in ("lead", "wall"):
            shown = state(found, role, around(now))
            counts = shown["counts"]
            assert counts["here"] + counts["away"] == len(found.people)
            assert max(counts["ready"], counts["received"], counts["predicted"]) <= len(found.people)
    can = state(found, "lead", around(now))["can"]
    assert {"skip", "end"} <= set(can)
    assert {"next", "again", "go_on"} & set(can)
    # Time and the large button alone lead to the last step.
    for _ in range(200):
        now += 60
        if found.paused_s is not None:
            found.go_on(now)
        found.tick(now)
        found.run_over(now)
        if found.place == len(found.steps) - 1 and found.phase in ("reveal", "answers", "talk", "failed"):
            break
        if "next" in state(found, "lead", around(now))["can"]:
            found.next(now)
    else:
        raise AssertionError(found.phase)


@pytest.mark.parametrize("role", ["attendee", "wall", "lead"])
def test_a_state_is_whole_in_every_phase(role: Role) -> None:
    """Whoever comes back in the middle is level with one state."""
    found, now = room("45min", people=6), 0.0
    seen = set()
    while found.phase != "ended":
        seen.add(found.phase)
        shown = state(found, role, around(now), 1 if role == "attendee" else None)
        assert {"version", "turn", "phase", "step", "round", "people", "presenter"} <= shown.keys()
        now += 60
        if found.phase == "running":
            found.run_over(now)
            if found.round is not None and 1 in found.round.opened:
                receives(found, 1, now)
        elif found.place == len(found.steps) - 1 and found.phase == "talk":
            found.end(now)
        else:
            found.next(now)
    assert seen == {"lobby", "predict", "arming", "running", "collecting", "reveal", "ask", "answers", "talk"}
