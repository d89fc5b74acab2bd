"""What would change the answer: smallest sets only, and all of them."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings

from guide import book as books
from guide.book import Book
from guide.decision.engine import LEVEL, changed, choose, decide
from guide.decision.plan import plan
from guide.decision.what_if import Step, turning_points, worth_finding
from guide.model import UNKNOWN
from tests.guide.worlds import Given, partial

OURS = books.book()


def said(**answers: str) -> Given:
    return {qid: tuple(chosen.split()) for qid, chosen in answers.items()}


def test_single_answers_where_one_is_enough(teahouse: Book) -> None:
    turns = turning_points(teahouse, said(time="morning", heart="good"))
    assert {(t.changes, t.becomes) for t in turns if len(t.changes) == 1} == {
        ((("time", "noon"),), LEVEL),
        ((("time", "evening"),), "tea"),
        ((("heart", "bad"),), "tea"),
    }


def test_pairs_of_which_neither_does_it_alone() -> None:
    found = 0
    for case in OURS.cases.values():
        turns = turning_points(OURS, case.answers)
        singles = {t.changes[0] for t in turning_points(OURS, case.answers, most=1000) if len(t.changes) == 1}
        pairs = [t.changes for t in turns if len(t.changes) == 2]
        assert not any(step in singles for pair in pairs for step in pair)
        assert [len(t.changes) for t in turns] == sorted(len(t.changes) for t in turns), "single answers come first"
        found += len(pairs)
    assert found


def test_only_those_that_lead_to_one_choice(teahouse: Book) -> None:
    told = said(time="morning", heart="good")
    assert {t.becomes for t in turning_points(teahouse, told)} > {"tea"}
    tea = turning_points(teahouse, told, most=1, to=("tea",))
    assert [t.becomes for t in tea if len(t.changes) == 1] == ["tea"], "what leads elsewhere takes no place"
    assert turning_points(teahouse, told, to=()) == ()


def test_nothing_left_to_turn(teahouse: Book) -> None:
    assert turning_points(teahouse, said(heart="hot bad", time="noon")) == ()


def applied(answers: Given, steps: tuple[Step, ...]) -> Given:
    for qid, aid in steps:
        answers = changed(OURS, answers, qid, aid)
    return answers


@settings(max_examples=60, deadline=None)
@given(partial(OURS))
def test_turns_turn_and_no_smaller_one_does(answers: Given) -> None:
    now = decide(OURS, answers).choice
    turns = turning_points(OURS, answers, most=10_000)
    live = {qid: chosen for qid, chosen in plan(OURS).visible(answers)[1].items() if not OURS.questions[qid].derived}
    for turn in turns:
        assert decide(OURS, applied(live, turn.changes)).choice == turn.becomes != now
        for part in combinations(turn.changes, len(turn.changes) - 1):
            assert choose(OURS, applied(live, part))[0] == now, "a part of it does it alone"
    single = {
        ((qid, aid),)
        for qid, question in OURS.questions.items()
        for aid, answer in question.answers.items()
        if qid in live and aid not in live[qid] and (answer.typical or not question.places)
        if choose(OURS, changed(OURS, live, qid, aid))[0] != now
    }
    assert single == {t.changes for t in turns if len(t.changes) == 1}


def test_worth_finding_out_is_what_turns_the_choice(teahouse: Book) -> None:
    found = worth_finding(teahouse, said(time=UNKNOWN, taste="sweet bitter", heart=UNKNOWN, mood=UNKNOWN))
    assert [qid for qid, _ in found] == ["time", "heart"], "in the evening only would the mood count"
    turns = dict(found)["time"]
    assert {(t.changes, t.becomes) for t in turns} == {
        ((("time", "morning"),), "coffee"),
        ((("time", "evening"),), "tea"),
    }
    assert worth_finding(teahouse, said(time="morning")) == ()
