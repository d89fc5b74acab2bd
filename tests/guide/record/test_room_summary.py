"""What a room tells of itself becomes a report, whatever its rounds have shown."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from demos.rooms.counting import TRANSPORTS
from demos.rooms.outcomes import outcome
from demos.rooms.room import Room
from demos.rooms.round import Round
from demos.rooms.rounds import AGENDAS, QUESTIONS, ROUNDS
from demos.rooms.saying import say
from demos.rooms.summary import summary
from guide.book import book
from guide.record.room_outline import outline
from guide.record.room_report import FEWEST, RoomReport, RoomSpread
from guide.record.room_summary import room_report, sentence
from tests.demos.rooms.rooms import FIRST, TOKENS, receipt, room, run_facts

NOW = datetime.datetime(2026, 11, 30, 10, 0, tzinfo=datetime.UTC)
REST = range(FIRST + 60, FIRST + TOKENS)


def report(held: Room, judge: Any = None) -> RoomReport:
    return room_report(summary(held, 600.0, judge), book(), NOW, {"streamlit": "1.67.0"})


def play(held: Room, name: str, people: int, **of: dict[str, Any]) -> Round:
    """Play one round of the agenda, with receipts of so many people."""
    place = next(n for n, step in enumerate(held.steps) if step.name == name)
    held.enter(place, 1.0)
    played = held.rounds[-1]
    for number in range(1, people + 1):
        say(held, number, {"what": "predict", "round": played.number, "choice": played.kind.choices[0]}, never, 1.0)
    for step in range(3):
        if held.phase != "running":
            held.next(2.0 + step)
    played.opened = played.readers = set(range(1, people + 1))
    for number in range(1, people + 1):
        receipts = [receipt(transport, **of.get(transport, {})) for transport in TRANSPORTS]
        told = {"what": "receipt", "round": played.number, "away": number == people, "receipts": receipts}
        say(held, number, told, lambda _: run_facts(), 5.0)
    return played


def never(number: int) -> Any:
    raise AssertionError("nothing is counted here")


def test_a_room_that_was_played_is_reported() -> None:
    held = room("15min", 8)
    play(held, "plain", 8)
    play(held, "drop", 8, websocket={"missing": REST, "finished": False, "resume": False})
    say(held, 3, {"what": "stuck", "on": True, "reason": "lost"}, never, 9.0)
    found = report(held)
    assert (found.people, found.minutes, found.opened) == (8, 10.0, NOW - datetime.timedelta(minutes=10))
    assert [(step.kind, step.done) for step in found.steps] == [("round", True), ("round", True), ("round", False)]
    plain, drop = found.rounds
    assert (plain.received, plain.away, plain.counted) == (8, 1, 7)
    assert drop.came == book().words["room.round.drop.predict.rest"]
    assert "lost 60 tokens" in drop.so
    lost = drop.totals[0]
    assert (lost.title, lost.websocket_tokens, lost.websocket_people) == ("Lost tokens", 60 * 7, 7)
    assert {figure.title: figure.sse and figure.sse.people for figure in plain.figures}[
        "Longest gap between two tokens"
    ] == 7
    assert [(one.title, one.people) for one in found.stuck] == [(book().words["room.round.drop.title"], 1)]
    assert sum(choice.count for choice in drop.predictions) == 8


@pytest.mark.parametrize("people", range(FEWEST + 2))
def test_a_small_room_is_reported_without_figures(people: int) -> None:
    held = room("15min", people)
    play(held, "plain", people)
    found = report(held)
    if people:
        assert found.rounds[0].few is (people - 1 < FEWEST)  # one of them had the page out of view
        assert bool(found.rounds[0].figures) is not found.rounds[0].few
    outline(found)


def test_both_sides_mean_the_same_by_few() -> None:
    assert FEWEST == FEWEST


def test_what_was_looked_at_is_done_if_something_came_after_it() -> None:
    held = room("45min", 6)
    play(held, "plain", 6)
    steps = {step.title: step.done for step in report(held).steps}
    words = book().words
    assert steps[words["room.talk.welcome.title"]]
    assert not steps[words["room.talk.closing.title"]]
    assert not any(step.done for step in report(room("45min")).steps)


@pytest.mark.parametrize("agenda", AGENDAS)
def test_an_empty_room_is_reported(agenda: str) -> None:
    found = report(room(agenda))
    assert len(found.steps) == len(AGENDAS[agenda])
    assert all(step.title for step in found.steps)


@pytest.mark.parametrize("name", ROUNDS)
def test_every_round_can_be_reported(name: str) -> None:
    held = room("all", 6)
    play(held, name, 6)
    (found,) = report(held).rounds
    assert found.title == book().words[f"room.round.{name}.title"]
    assert "{" not in found.so
    assert "None" not in found.so


def test_every_sentence_of_a_round_can_be_said() -> None:
    _, values = outcome(play(room("all", 1), "plain", 1))
    for name, kind in ROUNDS.items():
        for came in (*kind.choices, "unknown"):
            said = sentence(book().words[f"room.so.{name}.{came}"], values)
            assert "None" not in said


def test_a_spread_is_the_median_and_the_quarter_points() -> None:
    held = room("15min", 9)
    play(held, "plain", 9)
    told = summary(held, 600.0, None)
    told["rounds"][0]["strips"]["longest_gap_ms"] = {"sse": [1, 2, 3, 4, 5, 6, 7, 800], "websocket": [1, 2, 3, 900]}
    (found,) = room_report(told, book(), NOW, {}).rounds
    (gap,) = [figure for figure in found.figures if figure.title == "Longest gap between two tokens"]
    assert gap.sse == RoomSpread(low=2, median=4.5, high=6, people=8)
    assert gap.websocket is None, "four people are too few"


@pytest.mark.parametrize(
    ("so", "said"),
    [
        ({"key": "room.so.large.short", "values": {"sse_longest_gap_ms": "1.2"}}, "for 1.2 ms on SSE and – ms on"),
        ({"key": "room.so.nothing.such", "values": {}}, ""),
    ],
)
def test_a_word_or_a_figure_that_is_missing_is_no_failure(so: dict[str, Any], said: str) -> None:
    held = room("15min", 6)
    play(held, "plain", 6)
    told = summary(held, 600.0, None)
    told["rounds"][0] |= {"so": so, "came": "unheard-of", "predictions": {"unheard-of": 6}}
    (found,) = room_report(told, book(), NOW, {}).rounds
    assert said in found.so if said else found.so == ""
    assert (found.came, found.predictions[0].label) == ("", "unheard-of")


def test_answers_are_told_with_where_they_differ() -> None:
    held = room("questions", 6)
    held.enter(0, 1.0)
    (first, *others) = QUESTIONS["design"]
    ids = [*book().questions[first].answers][:2]
    for number in range(1, 7):
        say(held, number, {"what": "answer", "question": first, "answers": [ids[number % 2]]}, never, 2.0)
        for other in others:
            chosen = next(iter(book().questions[other].answers))
            say(held, number, {"what": "answer", "question": other, "answers": [chosen]}, never, 2.0)
    found = report(held, judge=lambda answers: answers[first][0])
    assert found.answered == 6
    assert found.questions[0].disagreement == 0.5
    assert [answer.count for answer in found.questions[0].answers] == [3, 3]
    assert found.discuss == (book().questions[first].ask,)
    assert {choice.label for choice in found.verdicts} == set(ids)


def test_answers_of_a_few_are_not_told() -> None:
    held = room("questions", 4)
    held.enter(0, 1.0)
    (first, *_) = QUESTIONS["design"]
    chosen = next(iter(book().questions[first].answers))
    for number in range(1, 5):
        say(held, number, {"what": "answer", "question": first, "answers": [chosen]}, never, 2.0)
    found = report(held, judge=lambda answers: "sse")
    assert (found.answered, found.questions, found.verdicts, found.discuss) == (4, (), (), ())
