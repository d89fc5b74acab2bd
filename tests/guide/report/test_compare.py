"""What differs between two sets of answers: tea or coffee first, then every pair of our cases."""

from __future__ import annotations

import itertools

import pytest

from guide.book import Book, book
from guide.model import UNKNOWN
from guide.report.compare import chosen, compare
from guide.report.report import ReportNeed, ReportReason, build
from tests.every import every

MORNING = {"time": ("morning",), "taste": ("sweet",)}
EVENING = {"time": ("evening",), "taste": ("sweet",)}


def names(things: object) -> list[str]:
    assert isinstance(things, tuple)
    return [getattr(thing, "said", "") or thing.id for thing in things]


def test_a_change_that_turns_the_recommendation(teahouse: Book) -> None:
    found = compare(teahouse, MORNING, EVENING)
    assert (found.a.verdict.choice, found.b.verdict.choice) == ("coffee", "tea")
    assert found.turned
    assert found.redrawn
    assert [(a.question, a.a, a.b) for a in found.answers if a.differs] == [("time", ("morning",), ("evening",))]
    assert names(found.appeared) == ["it is evening"]
    assert names(found.vanished) == ["it is morning"]
    assert names(found.kept) == ["it is sweet"]
    assert names(found.not_needed) == ["filter"]
    assert names(found.needed) == []
    assert set(names(found.still_needed)) == {"kettle", "spoon"}
    assert [(s.cited.id, s.cited.number, s.side) for s in found.sources] == [("leaf", 1, "both")]


def test_a_change_that_leaves_the_recommendation(teahouse: Book) -> None:
    found = compare(teahouse, {"time": ("evening",)}, {**EVENING, "sugar": ("yes",)})
    assert not found.turned
    assert not found.redrawn
    assert found.drawn == ((), ())
    assert [(a.question, a.a, a.b) for a in found.answers if a.differs] == [
        ("taste", (), ("sweet",)),
        ("sugar", (), ("sugared",)),
    ]
    assert names(found.needed) == ["spoon"]


def test_a_question_that_only_one_side_is_asked(teahouse: Book) -> None:
    found = compare(teahouse, MORNING, {**MORNING, "taste": ("bitter",)})
    sugar = next(a for a in found.answers if a.question == "sugar")
    assert (sugar.a, sugar.b) == ((), None)
    assert not sugar.differs, "nobody has answered it"
    found = compare(teahouse, {**MORNING, "sugar": ("no",)}, {**MORNING, "taste": ("bitter",), "sugar": ("no",)})
    sugar = next(a for a in found.answers if a.question == "sugar")
    assert (sugar.a, sugar.b) == (("not sugared",), None)
    assert sugar.differs


def test_another_pattern_of_the_same_option(teahouse: Book) -> None:
    found = compare(teahouse, EVENING, {"time": ("noon",), "taste": ("sweet",)})
    assert not found.turned
    assert found.redrawn
    assert (found.a.verdict.pattern, found.b.verdict.pattern) == ("tea-plain", "tea-iced")


def test_the_same_need_with_other_figures(teahouse: Book) -> None:
    found = compare(teahouse, EVENING, {**EVENING, "taste": ("sweet", "bitter")})
    ((a, b),) = found.reworded
    assert (a.what, b.what) == ("Boil 1 l.", "Boil 2.5 l.")
    assert "kettle" not in names(found.still_needed)


def test_nothing_differs(teahouse: Book) -> None:
    found = compare(teahouse, MORNING, dict(MORNING))
    assert found.same
    assert not found.turned
    assert found.sources == ()
    assert not any((found.appeared, found.vanished, found.needed, found.not_needed, found.reworded))


def test_no_answers_at_all(teahouse: Book) -> None:
    assert compare(teahouse, {}, {}).same
    assert compare(teahouse, {}, MORNING).turned


CASES = list(itertools.combinations(book().cases, 2))


@every(("one", "other"), CASES)
def test_each_reason_and_need_of_ours_stands_once_and_every_number_has_its_source(
    ours: Book, one: str, other: str
) -> None:
    a, b = ours.cases[one].answers, ours.cases[other].answers
    found, first, second = compare(ours, a, b), build(ours, a), build(ours, b)
    count = len(second.reasons) + len(second.against)
    assert len(found.appeared) + len(found.kept) == count
    assert len(found.vanished) + len(found.kept) == len(first.reasons) + len(first.against)
    assert len(found.needed) + len(found.still_needed) + len(found.reworded) == len(second.needs)
    assert len(found.not_needed) + len(found.still_needed) + len(found.reworded) == len(first.needs)
    numbers = {source.cited.id: source.cited.number for source in found.sources}
    assert list(numbers.values()) == list(range(1, len(numbers) + 1))
    things: list[ReportReason | ReportNeed]
    things = [*found.appeared, *found.vanished, *found.needed, *found.not_needed]
    cited = {c for thing in things for c in thing.cited}
    assert all(numbers[c.id] == c.number for c in cited)
    for source in found.sources:
        sides = {s for s, report in (("a", first), ("b", second)) if source.cited.id in {c.id for c in report.sources}}
        assert source.side == ("both" if len(sides) == 2 else sides.pop())


@every(("one", "other"), CASES[:20])
def test_a_swap_swaps(ours: Book, one: str, other: str) -> None:
    a, b = ours.cases[one].answers, ours.cases[other].answers
    there, back = compare(ours, a, b), compare(ours, b, a)
    assert set(names(there.appeared)) == set(names(back.vanished))
    assert set(names(there.needed)) == set(names(back.not_needed))
    assert there.turned == back.turned


@pytest.mark.parametrize(
    ("before", "now", "left"),
    [
        ((), ["bitter"], ("bitter",)),
        (("bitter",), ["bitter", "sweet"], ("sweet", "bitter")),
        (("sweet", "bitter"), ["sweet", "bitter", UNKNOWN], (UNKNOWN,)),
        ((UNKNOWN,), [UNKNOWN, "sweet"], ("sweet",)),
        (("sweet",), [], ()),
        (("sweet", "bitter"), ["bitter"], ("bitter",)),
        ((UNKNOWN,), [UNKNOWN], (UNKNOWN,)),
    ],
)
def test_what_stays_chosen(teahouse: Book, before: tuple[str, ...], now: list[str], left: tuple[str, ...]) -> None:
    assert chosen(teahouse.questions["taste"], before, now) == left


def test_an_answer_that_stands_alone_excludes_the_rest(teahouse: Book) -> None:
    taste = teahouse.questions["taste"]
    salty = taste.answers["salty"].model_copy(update={"alone": True})
    question = taste.model_copy(update={"answers": {**taste.answers, "salty": salty}})
    assert chosen(question, ("sweet",), ["sweet", "salty"]) == ("salty",)
    assert chosen(question, ("salty",), ["salty", "sweet"]) == ("sweet",)
