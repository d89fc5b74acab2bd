"""The report: all texts resolved, all sources numbered once."""

from __future__ import annotations

from dataclasses import fields

from hypothesis import given, settings

from guide import book as books
from guide.book import Book
from guide.decision.engine import decide
from guide.report.report import Cited, Report, ReportNeed, ReportReason, ReportRow, build, joined
from tests.every import every
from tests.guide.worlds import Given, partial

OURS = books.book()


def cited(report: Report) -> set[int]:
    parts: list[ReportReason | ReportRow | ReportNeed]
    parts = [*report.reasons, *report.against, *report.rows, *report.needs]
    return {c.number for part in parts for c in part.cited} | {c.number for c in report.pattern_cited}


def test_joined() -> None:
    assert joined(["a"], "and") == "a"
    assert joined(["a", "b"], "and") == "a and b"
    assert joined(["a", "b", "c"], "and") == "a, b and c"


@settings(max_examples=60)
@given(partial(OURS))
def test_any_answers_give_a_report(answers: Given) -> None:
    report = build(OURS, answers)
    assert report.verdict == decide(OURS, answers)
    assert report.headline
    assert report.sentence
    assert [c.number for c in report.sources] == list(range(1, len(report.sources) + 1))
    assert cited(report) <= {c.number for c in report.sources}
    assert not any("{" in need.what for need in report.needs)


@settings(max_examples=30)
@given(partial(OURS))
def test_any_choice_of_the_deciders_gives_a_report_about_it(answers: Given) -> None:
    advice = build(OURS, answers)
    for option in OURS.options:
        report = build(OURS, answers, option)
        assert (report.chosen, report.verdict, report.headline) == (option, advice.verdict, advice.headline)
        assert {r.question for r in (*report.reasons, *report.against)} == {
            r.question for r in (*advice.reasons, *advice.against)
        }
        wanted = {key for key in OURS.needs if OURS.needs[key].option in (None, option)}
        assert {need.id for need in report.needs} <= wanted
        assert report.lanes


def test_reasons_for_and_against(teahouse: Book) -> None:
    answers = {"time": ("evening",), "taste": ("bitter",), "mood": ("tired",)}
    report = build(teahouse, answers)
    assert [r.said for r in report.reasons] == ["it is evening"]
    assert [r.said for r in report.against] == ["it is bitter", "it is tired"]
    other = build(teahouse, answers, "coffee")
    assert [r.said for r in other.reasons] == ["it is bitter", "it is tired"]
    assert [r.said for r in other.against] == ["it is evening"]


def test_what_weakens_the_other_speaks_for_the_choice(teahouse: Book) -> None:
    report = build(teahouse, {"taste": ("sweet", "bitter"), "sugar": ("no",)})
    assert report.verdict.choice == "coffee"
    assert {r.said for r in report.reasons} == {"it is bitter", "it is not sugared"}


def test_with_level_there_is_no_side_to_take(teahouse: Book) -> None:
    report = build(teahouse, {"taste": ("sweet", "bitter")})
    assert len(report.reasons) == 2
    assert report.against == ()
    assert report.headline == "Level"


def test_quantities_are_filled_in_and_a_missing_one_is_said(teahouse: Book) -> None:
    kettle = next(n for n in build(teahouse, {"taste": ("bitter",)}).needs if n.id == "kettle")
    assert kettle.what == "Boil 2.5 l."
    assert next(n for n in build(teahouse, {}).needs if n.id == "kettle").what == "Boil an unknown amount."


def test_turns_carry_answers_that_do_turn(teahouse: Book) -> None:
    report = build(teahouse, {"time": ("morning",), "taste": ("bitter",)})
    for turn in report.turns:
        assert decide(teahouse, turn.answers).choice == turn.becomes != report.verdict.choice
    assert any(" and " in turn.when or "it is" in turn.when for turn in report.turns)


def test_only_answers_that_count_are_passed_on(teahouse: Book) -> None:
    report = build(teahouse, {"taste": ("bitter",), "sugar": ("yes",)})
    assert report.raw == {"taste": ("bitter",)}
    assert [a.question for a in report.answers] == ["time", "taste", "heart", "mood"]
    assert next(a.texts for a in build(teahouse, {"time": ("unknown",)}).answers) == ("Not sure",)


MAY_BE_EMPTY = ("option_name", "see")
"""Of a need: needed on any transport; shown by no scenario."""


@every("case", OURS.cases)
def test_no_empty_text_anywhere(case: str) -> None:
    report = build(OURS, dict(OURS.cases[case].answers))
    for item in fields(report):
        for part in getattr(report, item.name) if isinstance(getattr(report, item.name), tuple) else ():
            texts = {k: v for k, v in vars(part).items() if isinstance(v, str)} if hasattr(part, "__dict__") else {}
            assert all(text.strip() for key, text in texts.items() if key not in MAY_BE_EMPTY), part
    assert all(isinstance(c, Cited) for c in report.sources)
