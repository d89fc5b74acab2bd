"""Records against today: what turned, what moved, what is unknown; and what says nothing by itself."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from guide.book import Book, book
from guide.model import Answers
from guide.record.exports import json_file
from guide.report.report import build
from guide.watch.comparison import Level, Watched, watch
from tests.guide.records import record_of

OURS = book()
ANSWERS: Answers = {"uplink": ("controls",), "clients": ("browsers",), "path": ("nginx",), "resume": ("resume",)}
Change = Callable[[dict[str, Any]], None]


def saved(change: Change = lambda document: None, answers: Answers = ANSWERS, book: Book = OURS) -> bytes:
    """A record of today, changed: what an older version of the guide has written."""
    record = record_of(build(book, answers))
    document = json.loads(json_file.render(build(book, answers, record.chosen), record))
    change(document)
    return json.dumps(document).encode()


def watched(change: Change = lambda document: None, answers: Answers = ANSWERS) -> Watched:
    return watch(OURS, "records/0001.json", saved(change, answers))


def told(found: Watched) -> list[tuple[str, str, str]]:
    return [(one.level.value, one.about, one.id) for one in found.findings]


def test_a_record_of_today_says_nothing() -> None:
    assert told(watched()) == []


def test_another_hash_of_the_rules_says_nothing_by_itself() -> None:
    def older(document: dict[str, Any]) -> None:
        document["rules"] = document["verdict"]["rules"] = {"version": "2026.1", "hash": "0123456789ab"}

    assert told(watched(older)) == []


@pytest.mark.parametrize("field", ["figure", "claim", "scope"])
def test_a_cited_fact_that_moved_is_told_with_then_and_now(field: str) -> None:
    def older(document: dict[str, Any]) -> None:
        document["sources"][0][field] = "1 lost, 0 repeated"

    found = watched(older)
    fact = build(OURS, ANSWERS).sources[0]
    assert told(found) == [("moved", "fact", f"{fact.id} ({field})")]
    assert (found.findings[0].then, found.findings[0].now) == ("1 lost, 0 repeated", getattr(fact.fact, field))


def test_a_fact_that_is_only_rechecked_is_silent() -> None:
    def older(document: dict[str, Any]) -> None:
        for source in document["sources"]:
            source["checked"] = "2026-01-01"

    assert {one.level for one in watched(older).findings} == {Level.RECHECKED}


def test_a_verdict_that_turned_is_told_before_all_else() -> None:
    def older(document: dict[str, Any]) -> None:
        document["verdict"] |= {"choice": "websocket", "headline": "WebSocket for both ways"}
        document["sources"][0]["figure"] = "another"

    found = watched(older)
    assert told(found)[0] == ("turned", "verdict", "")
    assert found.findings[0].then == "websocket: WebSocket for both ways"
    assert found.findings[0].now == f"sse: {build(OURS, ANSWERS).headline}"
    assert len(found.of(Level.MOVED)) == 1


def test_how_sure_it_is_may_move_alone() -> None:
    def older(document: dict[str, Any]) -> None:
        document["verdict"]["strength"] = "decided"

    assert told(watched(older)) == [("moved", "strength", "")]


def test_a_need_that_is_new_or_gone_moves_the_record() -> None:
    def older(document: dict[str, Any]) -> None:
        document["verdict"]["needs"][0] |= {"id": "carrier-pigeon", "title": "Feed the pigeon"}

    found = {(one.then, one.now) for one in watched(older).findings}
    assert found == {("Feed the pigeon", ""), ("", build(OURS, ANSWERS).needs[0].title)}


def test_a_fact_that_is_gone_is_unknown_and_one_with_a_new_name_is_not() -> None:
    def older(document: dict[str, Any]) -> None:
        document["sources"][0]["fact"] = "name-of-long-ago"

    assert told(watched(older)) == [("unknown", "fact", "name-of-long-ago")]
    today = build(OURS, ANSWERS).sources[0].id
    renamed = _with_names({"name-of-long-ago": today})
    assert told(watch(renamed, "a.json", saved(older))) == []


def _with_names(names: dict[str, str]) -> Book:
    fields = {name: getattr(OURS, name) for name in OURS.__dataclass_fields__}
    return Book(**{**fields, "renamed": {**OURS.renamed, **names}})


def test_answers_that_have_no_meaning_today_are_unknown_and_the_file_is_readable() -> None:
    def older(document: dict[str, Any]) -> None:
        document["record"]["answers"]["uplink"] = ["semaphore"]

    found = watched(older)
    assert told(found) == [("unknown", "answer", "")]
    assert "semaphore" in found.findings[0].then


def test_answers_of_older_rules_are_carried_over() -> None:
    def older(document: dict[str, Any]) -> None:
        answers = document["record"]["answers"]
        answers["front"] = ["ours"]
        del answers["path"]

    assert [one for one in watched(older).findings if one.level is Level.UNKNOWN] == []


@pytest.mark.parametrize("damage", [None, {}, {"choice": 3}, "sse"])
def test_a_file_that_does_not_say_what_was_decided_is_unknown(damage: object) -> None:
    def broken(document: dict[str, Any]) -> None:
        document["verdict"] = damage

    assert ("unknown", "verdict", "") in told(watched(broken))


@pytest.mark.parametrize("damage", [None, [], 7, [3, None, {}], [{"fact": 1}], "x"])
def test_sources_that_cannot_be_read_are_unknown(damage: object) -> None:
    """Where nothing was compared, nobody may say that nothing differs."""

    def broken(document: dict[str, Any]) -> None:
        document["sources"] = damage

    assert told(watched(broken)) == [("unknown", "fact", "")]


@pytest.mark.parametrize(("field", "value"), [("figure", None), ("checked", 20260101), ("scope", ["x"])])
def test_a_source_that_is_damaged_is_counted(field: str, value: object) -> None:
    def broken(document: dict[str, Any]) -> None:
        document["sources"][0] |= {field: value, "claim": "another"}

    [finding] = watched(broken).findings
    assert (finding.level, finding.then) == (Level.UNKNOWN, "1 of the cited facts cannot be read")


def test_an_answer_for_which_nothing_of_today_stands_is_unknown() -> None:
    def older(document: dict[str, Any]) -> None:
        document["record"]["answers"]["turns"] = ["few"]

    assert ("unknown", "answer", "turns.few") in told(watched(older))


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b'{"format": "other"}', b"\xff", b"[" * 100_000])
def test_what_is_no_record_is_said_to_be_unreadable(text: bytes) -> None:
    assert [one.level for one in watch(OURS, "a.json", text).findings] == [Level.UNREADABLE]


def test_a_choice_of_their_own_is_compared_by_its_own_needs() -> None:
    report = build(OURS, ANSWERS, "websocket")
    record = record_of(report, chosen="websocket", reason="We run it already.")
    assert told(watch(OURS, "a.json", json_file.render(report, record))) == []


def test_every_case_of_the_guide_is_unchanged_today() -> None:
    for case in OURS.cases.values():
        assert told(watched(answers=case.answers)) == []


@pytest.mark.quiet
def test_a_hundred_records_take_less_than_two_seconds() -> None:
    """Processor time, so that it holds beside other work; on a machine of 2026."""
    texts = [saved(answers=case.answers) for case in OURS.cases.values()]
    began = time.process_time()
    for n in range(100):
        watch(OURS, f"{n}.json", texts[n % len(texts)])
    assert time.process_time() - began < 2
