"""Our own content: one test for every case, fact, answer and pattern that there is or ever will be."""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from guide import book as books
from guide.engine import asked, decide
from guide.model import UNKNOWN, Fact
from guide.plan import plan
from tests.guide.worlds import Given

OURS = books.book()
ROOT = Path(__file__).parents[2]
ANSWERS = [(qid, aid) for qid, question in OURS.questions.items() for aid in question.answers]


@pytest.mark.parametrize("case", OURS.cases)
def test_every_case_is_decided_as_its_authors_did(case: str) -> None:
    assert decide(OURS, OURS.cases[case].answers).choice == OURS.cases[case].expect


@pytest.mark.parametrize("case", OURS.cases)
def test_a_case_answers_only_what_is_asked(case: str) -> None:
    answers = OURS.cases[case].answers
    assert set(answers) <= set(asked(OURS, answers))


def test_there_are_examples_enough_to_start_from() -> None:
    presets = [case for case in OURS.cases.values() if case.preset]
    assert len(presets) >= 6
    assert {case.expect for case in presets} >= {*OURS.options, "level"}
    assert {case.expect for case in presets} & set(OURS.outside)


def test_chapters_follow_each_other() -> None:
    chapters = [question.chapter for question in OURS.questions.values()]
    assert list(dict.fromkeys(chapters)) == list(OURS.chapters)
    assert chapters == sorted(chapters, key=list(OURS.chapters).index)


@pytest.mark.parametrize("fact", OURS.facts)
def test_every_source_is_https_or_a_file_of_this_project(fact: str) -> None:
    for source in OURS.facts[fact].source:
        if not source.url.startswith("https://"):
            assert (ROOT / source.url.split("#")[0]).is_file(), source.url


@pytest.mark.parametrize("fact", OURS.facts)
def test_a_fact_says_when_and_how_we_know_it(fact: str) -> None:
    found: Fact = OURS.facts[fact]
    assert datetime.date(2020, 1, 1) < found.checked <= datetime.datetime.now(datetime.UTC).date()
    assert (found.basis == "measured") <= bool(found.measured), "what was measured, and how?"
    assert found.claim.endswith((".", ")")), found.claim


@pytest.mark.parametrize("fact", [key for key, fact in OURS.facts.items() if fact.see])
def test_a_fact_that_can_be_seen_names_a_scenario(fact: str) -> None:
    assert (ROOT / "demos" / "scenarios" / f"{OURS.facts[fact].see}.py").is_file()


@pytest.mark.parametrize(("qid", "aid"), ANSWERS)
def test_an_answer_reads_in_a_sentence(qid: str, aid: str) -> None:
    answer = OURS.questions[qid].answers[aid]
    for part in (answer.said, *(effect.because for effect in answer.effects)):
        named = bool(OURS.questions[qid].places)  # a product's name keeps its capital
        assert named or part[0].islower() or re.match(r"[A-Z]{2}|[A-Z][a-z]+[A-Z]", part), f"follows 'because': {part}"
        assert not part.endswith("."), f"a full stop is added: {part}"


@functools.cache
def reached() -> dict[str, set[str]]:
    """Patterns, needs and rows that some answers lead to: those of the cases, each with what a condition asks for."""
    found: dict[str, set[str]] = {"patterns": set(), "needs": set(), "rows": set()}
    for answers in worlds():
        verdict = decide(OURS, answers)
        found["patterns"].add(verdict.pattern or "")
        found["needs"].update(verdict.needs)
        found["rows"].update(verdict.rows)
    return found


def worlds() -> Iterator[Given]:
    conditions = [entry.when for where in (OURS.patterns, OURS.needs, OURS.rows) for entry in where.values()]
    for case in ({}, *(case.answers for case in OURS.cases.values())):
        for condition in conditions:
            for chosen in product(*condition.values()):
                given = {qid: (aid,) for qid, aid in zip(condition, chosen, strict=True)}
                yield from ({**case, **way} for way in asked_for(given))


def asked_for(given: Given) -> Iterator[Given]:
    """These answers, with a derived one replaced by a path and figures from which it follows."""
    ready = plan(OURS)
    wanted = given.pop(ready.derived or "", None)
    if wanted is None:
        yield given
    elif wanted == (UNKNOWN,):
        yield {**given, ready.path or "": wanted}
    else:
        longest = {qid: (list(OURS.questions[qid].answers)[-1],) for qid in ready.figures}
        for tier in OURS.questions[ready.path or ""].answers:
            world = {**longest, **given, ready.path or "": (tier,)}
            if wanted[0] in ready.visible(world)[1].get(ready.derived or "", ()):
                yield world
                return


@pytest.mark.parametrize("pattern", OURS.patterns)
def test_every_pattern_is_somebodys(pattern: str) -> None:
    assert pattern in reached()["patterns"]


@pytest.mark.parametrize("need", OURS.needs)
def test_every_need_is_somebodys(need: str) -> None:
    assert need in reached()["needs"]


@pytest.mark.parametrize("row", OURS.rows)
def test_every_row_is_shown_to_somebody(row: str) -> None:
    assert row in reached()["rows"]


def test_nothing_is_certain_by_one_answer_alone_except_what_is_ruled_out() -> None:
    """A wizard that is settled after its first question would be a slogan."""
    first = next(iter(OURS.questions))
    for aid in (*OURS.questions[first].answers, UNKNOWN):
        assert not decide(OURS, {first: (aid,)}).settled
