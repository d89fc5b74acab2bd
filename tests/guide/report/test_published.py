"""Published decisions as something to browse: told in words, found by words, filtered."""

from __future__ import annotations

from guide import book as books
from guide.decision.score import RESULTS, expected_of, read_cases, score, scoring
from guide.report import published as decisions
from tests.every import every

OURS = books.book()
SCORE, MAPPING = decisions.published(OURS)
SHELF = decisions.shelf(OURS, SCORE.outcomes)


def names(found: list[decisions.Decision]) -> list[str]:
    return [decision.outcome.case.id for decision in found]


def test_the_shelf_is_the_score() -> None:
    assert [decision.outcome for decision in SHELF] == list(SCORE.outcomes)
    assert scoring(OURS) == MAPPING


@every("decision", SHELF)
def test_answers_are_told_in_words(decision: decisions.Decision) -> None:
    said = dict(decision.answers)
    assert len(said) == len(decision.outcome.answers)
    for qid, chosen in decision.outcome.answers.items():
        assert all(OURS.questions[qid].answers[aid].text in said[OURS.questions[qid].title] for aid in chosen)
    assert decision.outcome.case.read, "a reader wants to know how old it is"


def test_results_part_the_shelf() -> None:
    parts = [names(decisions.search(SHELF, result=result)) for result in RESULTS]
    assert [len(part) for part in parts] == [SCORE.count(result) for result in RESULTS]
    assert sorted(key for part in parts for key in part) == sorted(names(list(SHELF)))


def test_a_family_finds_its_own_and_those_for_both() -> None:
    for option in OURS.options:
        found = decisions.search(SHELF, family=option)
        expected = [d.outcome.case.id for d in SHELF if option in expected_of(d.outcome.case, MAPPING)]
        assert names(found) == expected != []
    both = {*names(decisions.search(SHELF, family="sse"))} & {*names(decisions.search(SHELF, family="websocket"))}
    assert both == {d.outcome.case.id for d in SHELF if d.outcome.case.primary == "split"} != set()


def test_every_word_must_be_found_in_system_choice_or_answers() -> None:
    cases = read_cases(
        "[{id: a, system: Café Events, year: 2020, choice: sse, keys: {uplink: none}},"
        " {id: b, system: Pub Events, year: 2021, choice: websocket, keys: {uplink: frequent}}]"
    )
    shelf = decisions.shelf(OURS, score(OURS, cases, MAPPING).outcomes)
    steady = OURS.questions["uplink"].answers["steady"].text
    for words, expected in {
        "": ["a", "b"],
        "events": ["a", "b"],
        "CAFE": ["a"],
        "events 2021": ["b"],
        "server-sent": ["a"],
        "websocket": ["b"],
        steady.upper(): ["b"],
        "café 2021": [],
    }.items():
        assert names(decisions.search(shelf, words)) == expected, words
    assert names(decisions.search(shelf, "events", result="right", family="sse")) == ["a"]
