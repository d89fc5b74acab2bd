"""'Settled' is a promise: no answer that is still missing changes the choice. Held against every answer there is."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from guide import book as books
from guide.book import Book
from guide.decision.bounds import bounds
from guide.decision.engine import LEVEL, decide, next_question
from guide.decision.plan import POINTS
from guide.model import UNKNOWN
from tests.guide.worlds import Given, every_partial, partial, put, way

OURS = books.book()


def said(**answers: str) -> Given:
    return {qid: tuple(chosen.split()) for qid, chosen in answers.items()}


def test_conditions_hold_fail_or_are_open(teahouse: Book) -> None:
    found = bounds(teahouse, said(taste="sweet salty"), POINTS)
    assert found.state({}) is True
    assert found.state({"taste": ("salty",)}) is True
    assert found.state({"taste": ("salty",)}, wholly=True) is False
    assert found.state({"taste": ("bitter",)}) is False
    assert found.state({"time": ("noon",)}) is None
    assert found.state({"time": ("noon",), "taste": ("bitter",)}) is False


def test_an_answer_counts_as_sure_only_if_its_question_will_be_asked(teahouse: Book) -> None:
    assert "sugar" not in bounds(teahouse, said(sugar="yes"), POINTS).sure
    assert bounds(teahouse, said(taste="sweet", sugar="yes"), POINTS).sure["sugar"] == ("yes",)
    assert bounds(teahouse, said(taste="bitter"), POINTS).sure["sugar"] == ()


def test_lead_in_points(teahouse: Book) -> None:
    nothing = bounds(teahouse, {}, POINTS)
    assert nothing.lead("tea", "coffee") == (-3 - 1 - 1 - 1, 3 + 1 + 1)
    all_but_mood = bounds(teahouse, said(time="evening", taste="bitter", heart="good"), POINTS)
    assert all_but_mood.lead("tea", "coffee") == (3 - 1 - 1, 3 - 1)
    assert all_but_mood.lead("coffee", "tea") == (-2, -1)


def test_ruled_out_surely_perhaps_or_not(teahouse: Book) -> None:
    assert bounds(teahouse, {}, POINTS).out("tea") is None
    assert bounds(teahouse, said(heart="good"), POINTS).out("tea") is False
    assert bounds(teahouse, said(heart="hot"), POINTS).out("tea") is True


def test_whether_a_question_can_move_anything(teahouse: Book) -> None:
    assert bounds(teahouse, said(time="evening"), POINTS).moves("mood")
    assert not bounds(teahouse, said(time="morning"), POINTS).moves("mood")
    assert bounds(teahouse, {}, POINTS).moves("taste")


def test_an_answer_that_hides_another_may_turn_the_choice(teahouse: Book) -> None:
    verdict = decide(teahouse, said(time="noon", heart="good", mood="fresh", sugar="yes"))
    assert (verdict.choice, verdict.settled, verdict.open) == ("tea", False, ("taste",))
    hidden = decide(teahouse, said(time="noon", heart="good", mood="fresh", sugar="yes", taste="bitter"))
    assert hidden.choice == "coffee"


def test_what_lies_outside_may_give_way_to_something_else_outside(teahouse: Book) -> None:
    assert not decide(teahouse, said(heart="bad hot")).settled
    assert decide(teahouse, said(heart="bad hot", taste="salty")).choice == "water"
    assert decide(teahouse, said(taste="salty")).settled


def test_settled_is_true_only_if_nothing_can_change_it(teahouse: Book) -> None:
    """By brute force: every set of answers to the toy against every way to complete it."""
    reachable: dict[frozenset[tuple[str, tuple[str, ...]]], set[str]] = defaultdict(set)
    for answers in every_partial(teahouse):
        if len(answers) == len(teahouse.questions):
            choice = decide(teahouse, answers).choice
            for size in range(len(answers) + 1):
                for some in combinations(answers.items(), size):
                    reachable[frozenset(some)].add(choice)
    found = 0
    for answers in every_partial(teahouse):
        verdict = decide(teahouse, answers)
        if verdict.settled:
            found += bool(verdict.missing)
            assert reachable[frozenset(answers.items())] == {verdict.choice}, answers
    assert found > 100, "the test should meet verdicts that are settled early"


@settings(max_examples=300)
@given(partial(OURS), st.data())
def test_settled_holds_for_every_completion_of_ours(answers: Given, data: st.DataObject) -> None:
    verdict = decide(OURS, answers)
    assume(verdict.settled)
    for _ in range(10):
        rest = {q: data.draw(way(OURS, q)) for q in put(OURS) if q not in answers}
        assert decide(OURS, {**answers, **rest}).choice == verdict.choice, rest


@given(partial(OURS))
def test_nothing_missing_is_settled(answers: Given) -> None:
    while qid := next_question(OURS, answers):
        answers = {**answers, qid: (UNKNOWN,)}
    verdict = decide(OURS, answers)
    assert verdict.settled
    assert verdict.missing == verdict.open == ()


@given(partial(OURS))
def test_the_lead_of_today_lies_within_its_bounds(answers: Given) -> None:
    found = bounds(OURS, decide(OURS, answers).live, POINTS)
    one, other = decide(OURS, answers).standings
    low, high = found.lead(one.option, other.option)
    assert low <= one.points - other.points <= high
    assert (found.out(one.option) is True) <= one.ruled_out


def test_level_is_settled_when_nothing_is_left_to_weigh(teahouse: Book) -> None:
    complete = said(time="noon", taste="sweet bitter", sugar=UNKNOWN, heart="good")
    assert (decide(teahouse, complete).choice, decide(teahouse, complete).settled) == (LEVEL, True)
