"""A record: when it is complete, and how a saved one is read again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from guide.book import Book
from guide.model import Evidence
from guide.record.exports import json_file as data
from guide.record.saved_record import FORMAT, LARGEST, RecordError, load, problems
from guide.report.report import build
from tests.guide.records import record_of

LEVEL = {"time": ("noon",)}
TEA = {"time": ("evening",)}


def saved(book: Book, **changes: Any) -> dict[str, Any]:
    report = build(book, TEA)
    document: dict[str, Any] = json.loads(data.render(report, record_of(report)))
    document["record"].update(changes)
    return document


def as_bytes(document: object) -> bytes:
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("answers", "chosen", "reason", "found"),
    [
        (TEA, "tea", "", []),
        (TEA, "tea", "It is what we drink.", []),
        (TEA, "coffee", "", ["record.problem.override"]),
        (TEA, "coffee", "Awake.", []),
        (LEVEL, "tea", "", ["record.problem.settle"]),
        (LEVEL, "tea", "We have some.", []),
        (TEA, "milk", "Cows.", ["record.problem.choice"]),
        (TEA, "milk", "", ["record.problem.choice", "record.problem.override"]),
        ({"taste": ("salty",)}, "water", "", []),
        ({"taste": ("salty",)}, "tea", "", ["record.problem.override"]),
    ],
)
def test_what_is_missing(teahouse: Book, answers: Any, chosen: str, reason: str, found: list[str]) -> None:
    report = build(teahouse, answers)
    assert problems(report, record_of(report, chosen=chosen, reason=reason)) == found


def test_a_level_verdict_is_not_itself_a_choice(teahouse: Book) -> None:
    report = build(teahouse, LEVEL)
    assert "record.problem.choice" in problems(report, record_of(report, chosen="level"))


def test_a_reason_of_blanks_is_none(teahouse: Book) -> None:
    report = build(teahouse, TEA)
    assert problems(report, record_of(report, chosen="coffee", reason="  \n ")) == ["record.problem.override"]


def test_every_problem_has_its_words(ours: Book) -> None:
    assert {f"record.problem.{p}" for p in ("choice", "override", "settle", "title")} <= set(ours.words)


def test_what_was_saved_is_loaded(teahouse: Book, evidence: Evidence) -> None:
    report = build(teahouse, TEA)
    record = record_of(report, title="Tee & <Kaffee>", context="Zwei\nZeilen", evidence=(evidence,))
    loaded = load(data.render(report, record), teahouse)
    assert (loaded.version, loaded.hash) == (teahouse.version, teahouse.hash)
    assert [e.verified for e in loaded.record.evidence] == [False]
    unmarked = loaded.record.model_copy(update={"evidence": (evidence,)})
    assert unmarked == record


def test_a_record_from_before_there_were_numbers_is_the_first(ours: Book) -> None:
    report = build(ours, {"uplink": ("nothing",)})
    document = json.loads(data.render(report, record_of(report, status="accepted", number=7)))
    assert load(as_bytes(document), ours).record.number == 7
    del document["record"]["number"]
    loaded = load(as_bytes(document), ours).record
    assert (loaded.number, loaded.status) == (1, "accepted")


def test_evidence_from_a_file_cannot_call_itself_verified(teahouse: Book, evidence: Evidence) -> None:
    forged = evidence.model_dump(mode="json") | {"verified": True, "title": "A miracle"}
    loaded = load(as_bytes(saved(teahouse, evidence=[forged])), teahouse)
    assert not loaded.record.evidence[0].verified


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "not JSON"),
        (b"# A heading", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"format": ' + b"9" * 5000 + b"}", "not JSON"),
        (b"[]", "not a record"),
        (b"null", "not a record"),
        (b"{}", "not a record"),
        (b'{"format": "streamwise-record/2"}', "not a record"),
        (b'{"format": ["streamwise-record/1"]}', "not a record"),
        (b" " * (LARGEST + 1), f"has {LARGEST + 1} bytes. Allowed: a record of at most {LARGEST}"),
        (as_bytes({"format": FORMAT}), "damaged at rules"),
        (as_bytes({"format": FORMAT, "rules": {}, "record": {}}), "damaged at record.title: nothing is there"),
        (as_bytes({"format": FORMAT, "rules": {"version": 1}, "record": None}), "damaged at rules.version"),
    ],
)
def test_what_is_not_a_record_is_refused_with_a_reason(teahouse: Book, text: bytes, said: str) -> None:
    with pytest.raises(RecordError) as caught:
        load(text, teahouse)
    assert said in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": "x" * 201}, "record.title: it is too long, or too short"),
        ({"title": " "}, "record.title"),
        ({"title": "\ud800"}, "record.title"),
        ({"title": None}, "record.title"),
        ({"date": "yesterday"}, "record.date: it is not what a record holds there"),
        ({"chosen": "../tea"}, "record.chosen"),
        ({"chosen": "bogus"}, "The record chooses 'bogus'. Allowed: "),
        ({"chosen": "level"}, "The record chooses 'level'. Allowed: "),
        ({"colour": "red"}, "record.colour: a record has no such field"),
        ({"evidence": [{}]}, "record.evidence.0"),
        ({"answers": {"weather": ["hot"]}}, "weather: no such question"),
        ({"answers": {"time": ["midnight"]}}, "Allowed: morning, noon, evening, unknown"),
        ({"answers": {"time": []}}, "time: found nothing"),
        ({"answers": "time"}, "record.answers"),
    ],
)
def test_a_damaged_record_is_refused_with_its_place(teahouse: Book, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(RecordError) as caught:
        load(as_bytes(saved(teahouse, **changes)), teahouse)
    assert said in str(caught.value)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none_are_refused(teahouse: Book, evidence: Evidence, number: str) -> None:
    text = as_bytes(saved(teahouse, evidence=[evidence.model_dump(mode="json")]))
    assert b'"gap_p50_ms": 20.0' in text
    with pytest.raises(RecordError, match=r"gap_p50_ms|not JSON"):
        load(text.replace(b'"gap_p50_ms": 20.0', f'"gap_p50_ms": {number}'.encode()), teahouse)
