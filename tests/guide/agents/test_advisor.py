"""The advisor: small replies, errors that say what is allowed, the verdict of the rules, and no answer made up."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from hypothesis import given, settings

from guide.agents.advisor import Advisor, AdvisorError
from guide.agents.bounds import CUT, LARGEST, bounded
from guide.agents.entries import ids
from guide.agents.replies import File, FileLine, Files, QuestionDetail
from guide.book import book
from guide.book.link import read_answers
from guide.decision.engine import decide
from guide.record.saved_record import load
from guide.report.report import build
from tests.guide.worlds import Given, longest, partial, put

OURS = book()
DAY = datetime.date(2026, 11, 30)
ADVISOR = Advisor(OURS, lambda: DAY)
ANSWERS: dict[str, object] = {"uplink": ["controls"], "clients": "browsers", "path": ["nginx"], "resume": "resume"}


def test_every_question_is_listed_with_its_answers_and_fits() -> None:
    text = ADVISOR.list_questions().text()
    assert len(text) < LARGEST / 2
    assert [line.partition(":")[0].rstrip("*") for line in text.splitlines()[1:]] == put(OURS)


@pytest.mark.parametrize("qid", put(OURS))
def test_each_question_is_told_in_words_with_all_its_answers(qid: str) -> None:
    found = ADVISOR.list_questions(qid)
    assert isinstance(found, QuestionDetail)
    text = found.text()
    assert len(text) <= LARGEST
    assert all(f"\n{aid}: " in text for aid in OURS.questions[qid].answers), "none is cut off"


def test_every_entry_is_explained_within_the_bound() -> None:
    for id in ids(OURS):
        text = ADVISOR.explain(id).text()
        assert id in text
        assert len(text) <= LARGEST


def test_a_fact_has_its_day_its_scope_and_its_sources() -> None:
    fact = OURS.facts["sse-retry-field"]
    text = ADVISOR.explain("sse-retry-field").text()
    for part in (fact.claim, fact.figure, fact.scope, fact.checked.isoformat(), *(one.url for one in fact.source)):
        assert part in text


def test_an_id_with_two_meanings_is_told_apart_by_its_kind() -> None:
    both = set(OURS.needs) & set(OURS.symptoms) or set(OURS.facts) & set(OURS.needs)
    assert ADVISOR.explain("path:nginx").kind == "path"
    assert ADVISOR.explain("answer:path.nginx").kind == "answer"
    for id in both:
        assert ADVISOR.explain(f"need:{id}").kind == "need"


@settings(max_examples=200)
@given(partial(OURS))
def test_any_answers_get_the_verdict_of_the_rules_and_a_small_reply(answers: Given) -> None:
    verdict = decide(OURS, answers)
    for brief in (True, False):
        found = ADVISOR.decide(answers, brief=brief)
        assert (found.choice, found.strength, found.margin) == (verdict.choice, verdict.strength, verdict.margin)
        assert len(found.text()) <= LARGEST
    left = {one.id for one in found.ask_the_human} | {*found.not_given}
    assert left >= set(verdict.missing), "each question without an answer is named"
    assert not {*found.not_given} & set(answers)


def test_the_longest_set_of_answers_fits_too() -> None:
    assert len(ADVISOR.decide(longest(OURS), brief=False).text()) <= LARGEST


def test_what_to_ask_the_human_is_never_cut_off() -> None:
    found = ADVISOR.decide(ANSWERS, brief=False)
    long = found.model_copy(update={"needs": found.needs * 20})
    assert "cut here" in long.text()
    assert all(f"ask the human: {one.id}" in long.text() for one in found.ask_the_human)
    assert "None was guessed" in long.text()


def test_what_was_not_given_is_not_guessed() -> None:
    found = ADVISOR.decide(ANSWERS)
    assert "silence" not in found.text().split("not given")[0].split("ask the human")[0]
    assert "None was guessed" in found.text()
    assert {one.id for one in found.ask_the_human} >= {"media", "topics"}, "they could turn the choice"


def test_a_choice_of_ones_own_is_told_beside_the_recommendation() -> None:
    found = ADVISOR.decide(ANSWERS, chosen="websocket")
    assert (found.choice, found.chosen) == ("sse", "websocket")
    assert {need.id for need in found.needs} == {need.id for need in build(OURS, given_as(ANSWERS), "websocket").needs}


def given_as(answers: dict[str, object]) -> Given:
    return read_answers(answers, OURS)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: ADVISOR.decide({"uplnk": "controls"}), ("uplnk", "Nearest: uplink", "Allowed:")),
        (lambda: ADVISOR.decide({"path": ["ngnix"]}), ("ngnix", "Nearest: nginx", "aws-alb")),
        (lambda: ADVISOR.decide({"resume": ["resume", "lose"]}), ("found 2 answers", "Allowed: one")),
        (lambda: ADVISOR.decide({"resume": []}), ("found nothing", "Allowed: lose")),
        (lambda: ADVISOR.decide(["uplink"]), ("found list", "Allowed: a mapping")),
        (lambda: ADVISOR.decide({}, chosen="socket"), ("'socket'", "Nearest: websocket", "Allowed: sse, websocket")),
        (lambda: ADVISOR.list_questions("pth"), ("'pth'", "Nearest: path")),
        (lambda: ADVISOR.list_questions("passage"), ("'passage'",)),  # nobody is asked: it follows from the path
        (lambda: ADVISOR.explain("sse-rety-field"), ("Nearest: sse-retry-field",)),
        (lambda: ADVISOR.explain(""), ("''", "search finds ids")),
        (lambda: ADVISOR.explain("x" * 10_000), ("no entry",)),
        (lambda: ADVISOR.search(""), ("query is empty", "Allowed:")),
        (lambda: ADVISOR.search("the " * 5000), ("20000 characters", "Allowed: 400")),
        (lambda: ADVISOR.decide({f"q{n}" * 100: "x" for n in range(60)}), ("no such question", "Allowed: uplink")),
        (lambda: ADVISOR.search("nginx", limit=0), ("limit is 0", "from 1 to 10")),
        (lambda: ADVISOR.search("nginx", kind="fatc"), ("'fatc'", "Nearest: fact")),
        (lambda: ADVISOR.get_files(ANSWERS, "record.mdd"), ("'record.mdd'", "Nearest: record.md")),
        (lambda: ADVISOR.get_files({}), ("level", "transport sse or transport websocket")),
        (lambda: ADVISOR.get_files(ANSWERS, transport="websocket"), ("recommends 'sse'",)),
        (lambda: ADVISOR.get_files({}, transport="carrier"), ("'carrier'", "Allowed: sse, websocket")),
    ],
)
def test_every_error_names_what_is_allowed(call: Callable[[], object], said: tuple[str, ...]) -> None:
    with pytest.raises(AdvisorError) as caught:
        call()
    assert [part for part in said if part not in str(caught.value)] == []
    assert len(str(caught.value)) <= LARGEST


def test_a_search_finds_products_and_error_texts() -> None:
    assert ADVISOR.search("1011 keepalive ping timeout").hits[0].id == "ping-timeout-1011"
    assert ADVISOR.search("ALB", kind="path").hits[0].id == "aws-alb"
    assert "Nothing found" in ADVISOR.search("xyzzyplugh").text()
    for words in ("nginx", "timeout", "the stream is held back behind a proxy"):
        assert len(ADVISOR.search(words, limit=10).text()) <= LARGEST


def test_the_files_are_those_of_the_record_and_of_the_project() -> None:
    found = ADVISOR.get_files(ANSWERS)
    assert isinstance(found, Files)
    assert len(found.text()) <= LARGEST
    names = [one.name for one in found.files]
    assert {"starter/app/agent.py", "starter/README.md", "record.md", "record.json"} < {*names}
    assert "proxy/nginx/recommended.conf" in names
    for one in found.files:
        file = ADVISOR.get_files(ANSWERS, one.name)
        assert isinstance(file, File)
        assert len(file.text()) == one.characters


def test_the_record_that_is_handed_out_opens_again() -> None:
    file = ADVISOR.get_files(ANSWERS, "record.json")
    loaded = load(file.text().encode(), OURS)
    assert (loaded.record.chosen, loaded.record.date) == ("sse", DAY)


def test_a_level_verdict_gives_files_for_the_transport_that_is_taken() -> None:
    for transport in OURS.options:
        assert any(one.name == "starter/app/agent.py" for one in _files(ADVISOR.get_files({}, transport=transport)))


def test_beyond_the_two_transports_there_is_a_record_and_no_project() -> None:
    beyond = next(case.answers for case in OURS.cases.values() if decide(OURS, case.answers).kind == "outside")
    names = [one.name for one in _files(ADVISOR.get_files(beyond))]
    assert "record.md" in names
    assert not [name for name in names if name.startswith("starter/")]


def _files(found: Files | File) -> tuple[FileLine, ...]:
    assert isinstance(found, Files)
    return found.files


def test_a_text_is_cut_at_a_line_and_says_so() -> None:
    text = bounded(["x" * 1000] * 10, "less")
    assert len(text) <= LARGEST
    assert text.splitlines()[-1] == CUT.format(hint="less")
    assert set(text.splitlines()[:-1]) == {"x" * 1000}
