"""The room's answers: bars, where people differ, and what decides."""

from __future__ import annotations

import pytest

from demos.protocol.errors import Refusal
from demos.rooms.people import FEWEST
from demos.rooms.questionnaire import described, judged_with, known, results
from demos.rooms.rounds import QUESTIONS
from guide.book import book
from guide.decision.choice_names import choice_name
from guide.model import Answers

IDS = ("uplink", "resume")


def judge(answers: Answers) -> str:
    return "WebSocket" if answers.get("uplink") == ("live",) else "SSE"


def test_questions_are_sorted_by_disagreement_and_the_decisive_one_is_marked() -> None:
    given = [
        {"uplink": (("live",) if n < 4 else ("nothing",)), "resume": ("continue" if n else "lost",)} for n in range(9)
    ]
    found = results(IDS, given, judge)
    assert [(one["id"], one["decisive"]) for one in found["questions"]] == [("uplink", True), ("resume", False)]
    assert found["questions"][0]["disagreement"] == round(1 - 5 / 9, 3)
    assert {one["label"]: one["count"] for one in found["verdicts"]} == {"SSE": 5, "WebSocket": 4}
    assert found["discuss"][0] == book().questions["uplink"].ask


def test_fewer_than_five_are_not_shown() -> None:
    found = results(IDS, [{"uplink": ("nothing",)}] * (FEWEST - 1), judge)
    assert (found["few"], found["questions"], found["verdicts"]) == (True, [], [])


def test_everybody_agrees() -> None:
    found = results(IDS, [{"uplink": ("nothing",)}] * 6, judge)
    assert [one["disagreement"] for one in found["questions"]] == [0, 0]
    assert found["discuss"] == []


def test_the_questions_of_all_sets_exist_and_each_is_asked_of_everybody() -> None:
    for ids in QUESTIONS.values():
        shown = described(ids)
        assert [one["id"] for one in shown] == list(ids)
        assert all(len(one["answers"]) >= 2 for one in shown)
        assert not any(book().questions[id].only_if or book().questions[id].places for id in ids)


def test_the_guide_judges() -> None:
    assert choice_name(book(), {}) == book().words["verdict.level"]
    assert choice_name(book(), {"uplink": ("nothing",)}) == book().options["sse"].short


def test_what_the_presenter_has_answered_counts_where_the_room_is_not_asked() -> None:
    with_answers = judged_with(lambda answers: choice_name(book(), answers), {"uplink": ("nothing",)})
    assert with_answers({}) == book().options["sse"].short
    assert known({"uplink": ["nothing"], "resume": ["unknown"]})["uplink"] == ("nothing",)
    wrong: list[object] = [[], {"nonsense": ["x"]}, {"uplink": "nothing"}, {"uplink": ["<b>"]}, {1: ["nothing"]}]
    for given in wrong:
        with pytest.raises(Refusal):
            known(given)


def test_a_question_that_few_have_answered_shows_no_bars_and_half_a_set_has_no_verdict() -> None:
    one: Answers = {"uplink": ("nothing",)}
    given = [one, one, one, one, one, {**one, "resume": ("continue",)}]
    found = results(IDS, given, judge)
    few = next(one for one in found["questions"] if one["id"] == "resume")
    assert (few["few"], few["bars"], found["verdicts"]) == (True, [], [])
