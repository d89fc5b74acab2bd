"""Our own content: one test for every case, fact, answer and pattern that there is or ever will be."""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from guide import book as books
from guide.decision.engine import asked_questions, decide
from guide.decision.plan import plan
from guide.model import UNKNOWN, Fact, Trouble
from tests.every import every
from tests.guide.worlds import Given

OURS = books.book()
ROOT = Path(__file__).parents[2]
ANSWERS = [(qid, aid) for qid, question in OURS.questions.items() for aid in question.answers]
TIERS = {aid: OURS.questions[qid].answers[aid] for qid, aid in ANSWERS if OURS.questions[qid].answers[aid].place}


@every("case", OURS.cases)
def test_every_case_is_decided_as_its_authors_did_or_says_why_not(case: str) -> None:
    verdict, told = decide(OURS, OURS.cases[case].answers), OURS.cases[case]
    assert (verdict.choice == told.expect) == (told.differs is None)
    assert told.differs is None or verdict.strength != "decided", "what authors saw otherwise is not decided"


@every("case", OURS.cases)
def test_a_case_answers_only_what_is_asked(case: str) -> None:
    answers = OURS.cases[case].answers
    assert set(answers) <= set(asked_questions(OURS, answers))


def test_there_are_examples_enough_to_start_from() -> None:
    presets = [case for case in OURS.cases.values() if case.preset]
    assert len(presets) >= 6
    assert {case.expect for case in presets} >= {*OURS.options, "level"}
    assert {case.expect for case in presets} & set(OURS.outside)


def test_chapters_follow_each_other() -> None:
    chapters = [question.chapter for question in OURS.questions.values() if not question.derived]
    assert list(dict.fromkeys(chapters)) == list(OURS.chapters)
    assert chapters == sorted(chapters, key=list(OURS.chapters).index)


@every("fact", OURS.facts)
def test_every_source_is_https_or_a_file_of_this_project(fact: str) -> None:
    for source in OURS.facts[fact].source:
        if not source.url.startswith("https://"):
            assert (ROOT / source.url.split("#")[0]).is_file(), source.url


@every("fact", OURS.facts)
def test_a_fact_says_when_and_how_we_know_it(fact: str) -> None:
    found: Fact = OURS.facts[fact]
    assert datetime.date(2020, 1, 1) < found.checked <= datetime.datetime.now(datetime.UTC).date()
    assert (found.basis == "measured") <= bool(found.measured), "what was measured, and how?"
    assert found.claim.endswith((".", ")")), found.claim


@every("fact", [key for key, fact in OURS.facts.items() if fact.see])
def test_a_fact_that_can_be_seen_names_a_scenario(fact: str) -> None:
    assert (ROOT / "demos" / "scenarios" / f"{OURS.facts[fact].see}.py").is_file()


@every(("qid", "aid"), ANSWERS)
def test_an_answer_reads_in_a_sentence(qid: str, aid: str) -> None:
    answer = OURS.questions[qid].answers[aid]
    name = answer.text.split()[0] if answer.place and not answer.typical else None  # Envoy stays Envoy in a sentence
    for part in (answer.said, *(effect.because for effect in answer.effects)):
        small = part[0].islower() or re.match(r"[A-Z]{2}|[A-Z][a-z]+[A-Z]", part)
        assert small or part.split()[0] == name, f"follows 'because': {part}"
        assert not part.endswith("."), f"a full stop is added: {part}"


@every("qid", OURS.questions)
def test_what_stands_above_the_answers_is_short(qid: str) -> None:
    question = OURS.questions[qid]
    assert len(question.help) <= 140
    assert len(question.why) <= 130


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
                given: Given = {qid: (aid,) for qid, aid in zip(condition, chosen, strict=True)}
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


@every("pattern", OURS.patterns)
def test_every_pattern_is_somebodys(pattern: str) -> None:
    assert pattern in reached()["patterns"]


@every("need", OURS.needs)
def test_every_need_is_somebodys(need: str) -> None:
    assert need in reached()["needs"]


@every("row", OURS.rows)
def test_every_row_is_shown_to_somebody(row: str) -> None:
    assert row in reached()["rows"]


def test_nothing_is_certain_by_one_answer_alone_except_what_is_ruled_out() -> None:
    """A wizard that is settled after its first question would be a slogan."""
    first = next(iter(OURS.questions))
    for aid in (*OURS.questions[first].answers, UNKNOWN):
        assert not decide(OURS, {first: (aid,)}).settled


@every("aid", TIERS)
def test_what_to_type_stands_between_backticks(aid: str) -> None:
    """The page and the record set that as code, and the rest as prose."""
    for limit in TIERS[aid].limits:
        parts = (limit.setting or "").split("`")
        assert len(parts) % 2, "a backtick without its other"
        assert not re.search(r"[={}$]|--|\w_\w|\w\(|: \w+$", " ".join(parts[::2])), parts[::2]


@every("aid", TIERS)
def test_a_limit_in_the_path_can_be_reckoned_with(aid: str) -> None:
    """Seconds where silence or length is counted, a setting wherever one helps, and a heartbeat against any silence."""
    for limit in TIERS[aid].limits:
        counted = limit.trouble in (Trouble.SILENCE, Trouble.LENGTH)
        assert counted or (limit.after, limit.most) == (None, None)
        assert limit.setting or not limit.fixable, "how is it cured?"
        assert limit.fixable or limit.trouble is not Trouble.SILENCE, "a heartbeat cures it"
        assert limit.option in (None, *OURS.options)
        assert limit.most is None or limit.after is None or limit.most >= limit.after
        assert not limit.fixable or limit.trouble is not Trouble.LENGTH or not limit.after or limit.after != limit.most
        assert limit.sentence.endswith(".")


@every("qid", [qid for qid, question in OURS.questions.items() if question.places])
def test_what_stands_in_the_path_stands_in_one_of_its_places(qid: str) -> None:
    question = OURS.questions[qid]
    for aid, answer in question.answers.items():
        assert (answer.place in question.places) if answer.place else not answer.limits, aid


@every("clash", OURS.clashes)
def test_a_clash_is_one_that_somebody_can_run_into(clash: str) -> None:
    """Its questions are all asked at once: a condition on a question that these answers leave out could never hold."""
    for conditions in product(*(product(*condition.values()) for condition in OURS.clashes[clash].when)):
        given: dict[str, tuple[str, ...]] = {}
        for condition, chosen in zip(OURS.clashes[clash].when, conditions, strict=True):
            for qid, aid in zip(condition, chosen, strict=True):
                given[qid] = (*given.get(qid, ()), aid)
        assert set(given) <= set(asked_questions(OURS, given))
        assert all(len(chosen) == 1 or OURS.questions[qid].multiple for qid, chosen in given.items())
