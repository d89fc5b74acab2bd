"""A probe's result, read again: what is taken over, and what is refused with which words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from guide.book import Book
from guide.model import Evidence
from guide.record.probe_file import FORMAT, is_probe, load, merged
from guide.record.saved_record import LARGEST, RecordError


def written(**changes: Any) -> bytes:
    return json.dumps({"format": FORMAT, "url": "https://here", "answers": {"path": ["nginx"]}, **changes}).encode()


def test_answers_and_evidence_are_read_and_nothing_of_it_is_verified(ours: Book, evidence: Evidence) -> None:
    assert evidence.verified
    told = {"verdict": "bad", "sentence": "SSE is cut.", "fixes": [{"text": "nginx", "setting": "x"}], "ask": ""}
    found = load(written(evidence=[evidence.model_dump(mode="json")], findings=[told]), ours)
    assert (found.url, found.answers, found.moved) == ("https://here", {"path": ("nginx",)}, ())
    assert [(one.id, one.verified) for one in found.evidence] == [(evidence.id, False)]
    assert [(one.sentence, one.fixes[0].setting) for one in found.findings] == [("SSE is cut.", "x")]


def test_answers_of_older_rules_are_carried_over(ours: Book) -> None:
    old, new = next((old, new) for old, new in ours.renamed.items() if not new.endswith(".unknown"))
    (qid, aid), (to, answer) = old.split("."), new.split(".")
    found = load(written(answers={qid: [aid]}), ours)
    assert found.answers == {to: (answer,)}
    assert found.moved == (f"{old} → {new}",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b" " * (LARGEST + 1), f"at most {LARGEST}"),
        (b"{", "not JSON"),
        (b"[]", "no probe's result"),
        (b'{"format": "streamwise-record/1"}', "no probe's result"),
        (written(url=3), "damaged at url"),
        (written(answers=["nginx"]), "damaged at answers"),
        (written(answers={"path": ["nosuch"]}), "answers that these rules do not know"),
        (written(answers={"nosuch": ["nginx"]}), "answers that these rules do not know"),
        (written(evidence=[{"id": "x"}]), "damaged at evidence.0"),
        (written(evidence=[{}] * 11), "damaged at evidence"),
        (written(findings=["for people"]), "damaged at findings.0"),
        (written(sentence="Nothing listens on port 1."), "reached nothing: Nothing listens on port 1."),
    ],
)
def test_a_file_that_cannot_be_used_says_why(ours: Book, text: bytes, said: str) -> None:
    with pytest.raises(RecordError) as caught:
        load(text, ours)
    assert said in str(caught.value)


def test_what_claims_to_be_a_probe() -> None:
    assert is_probe({"format": FORMAT})
    assert not any(map(is_probe, ({}, [], None, {"format": [FORMAT]})))


@pytest.mark.parametrize(
    ("now", "taken", "after"),
    [
        ({}, {"path": ("nginx",)}, {"path": ("nginx",)}),
        ({"path": ("cloudflare",)}, {"path": ("nginx", "uvicorn")}, {"path": ("cloudflare", "nginx", "uvicorn")}),
        ({"path": ("nginx",)}, {"path": ("nginx",)}, {"path": ("nginx",)}),
        ({"path": ("nothing",)}, {"path": ("nginx",)}, {"path": ("nginx",)}),
        ({"path": ("unknown",)}, {"path": ("nginx",)}, {"path": ("nginx",)}),
        ({"silence": ("short",)}, {"silence": ("long",)}, {"silence": ("long",)}),
        ({"silence": ("short",)}, {"path": ("nginx",)}, {"silence": ("short",), "path": ("nginx",)}),
    ],
)
def test_answers_join_those_of_the_session(ours: Book, now: Any, taken: Any, after: Any) -> None:
    assert merged(now, taken, ours) == after
