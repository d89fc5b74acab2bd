"""Our own content: one test for every case, fact, answer and pattern that there is or ever will be."""

from __future__ import annotations

import datetime
import functools
import re
import shlex
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from demos.__main__ import main as demos
from demos.server import routes
from guide import book as books
from guide.__main__ import main as guide
from guide.engine import asked, decide
from guide.model import UNKNOWN, Fact
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
        assert part[0].islower() or re.match(r"[A-Z]{2}|[A-Z][a-z]+[A-Z]", part), f"follows 'because': {part}"
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
                yield {**case, **{qid: (aid,) for qid, aid in zip(condition, chosen, strict=True)}}


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


RECIPES = [(key, code) for key, lore in OURS.folklore.items() for code in re.findall(r"`([^`]+)`", lore.try_it)]
"""What stands in backticks: commands, lines for a browser's console, names of fields."""


def asks(pattern: str) -> list[tuple[str, str]]:
    return [(key, code) for key, code in RECIPES if re.search(pattern, code)]


@functools.cache
def site() -> TestClient:
    return TestClient(Starlette(routes=routes()))


@pytest.mark.parametrize("key", OURS.folklore)
def test_folklore_is_contradicted_by_more_than_hearsay(key: str) -> None:
    assert {OURS.facts[fact].basis for fact in OURS.folklore[key].facts} & {"measured", "read"}


@pytest.mark.parametrize("key", [key for key, lore in OURS.folklore.items() if lore.see])
def test_folklore_that_the_lab_shows_names_a_scenario(key: str) -> None:
    assert (ROOT / "demos" / "scenarios" / f"{OURS.folklore[key].see}.py").is_file()


@pytest.mark.parametrize(("key", "code"), asks(r"python -m"))
def test_a_recipe_asks_for_a_command_that_there_is(key: str, code: str) -> None:
    """With --help at the end a command line is read, and refused where it is wrong, but nothing is run."""
    half, *arguments = shlex.split(code.split(".venv/bin/python -m ")[1])
    with pytest.raises(SystemExit) as end:
        {"demos": demos, "guide": guide}[half]([*arguments, "--help"])
    assert end.value.code == 0


@pytest.mark.parametrize(("key", "code"), asks(r"^echo"))
def test_a_recipe_decides_on_answers_that_there_are(key: str, code: str) -> None:
    said = shlex.split(code)[1]
    qid, aid = said.split(": ")
    assert aid in OURS.questions[qid].answers
    assert decide(OURS, {qid: (aid,)}).choice == "sse", "as the recipe says"


@pytest.mark.parametrize(("key", "code"), asks(r"/api/|^curl"))
def test_a_recipe_asks_at_an_address_that_there_is(key: str, code: str) -> None:
    (path,) = set(re.findall(r"/api/[\w/-]+", code))
    if re.search(r"WebSocket|ws://|Upgrade", code):
        found = opens(path)
    else:
        # Not understanding what was asked is an answer; "not_found" is that of an address that nobody serves.
        answer = site().request("POST" if " -d " in code else "GET", path, json={})
        found = answer.json().get("error") != "not_found"
    assert found == (path != "/api/nothing"), "the one that is missing on purpose"


def opens(path: str) -> bool:
    try:
        with site().websocket_connect(path):
            return True
    except WebSocketDisconnect:
        return False
