"""What the panel is sent: when it calls the transport settled, and which answers do not go together."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from guide import book as books
from guide.decision.engine import decide
from guide.model import Answers, Clash
from guide.pages.frame import word
from guide.pages.parts import panel

OURS = books.book()
OPEN: Answers = {"media": ("text",), "clients": ("browsers",), "path": ("nothing",), "stack": ("neither",)}
SETTLED: Answers = {**OPEN, "network": ("blocked",)}


def sent(monkeypatch: pytest.MonkeyPatch, answers: Answers) -> dict[str, object]:
    monkeypatch.setattr("guide.pages.parts.panel.state.answers", lambda: dict(answers))
    return panel.payload()


def test_settled_is_said_once_it_is_and_not_before(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sent(monkeypatch, OPEN)["settled"] == ""
    now = sent(monkeypatch, SETTLED)
    assert now["settled"] == word("panel.settled")
    assert now["note"] == "", "said once"
    assert decide(OURS, SETTLED).missing


def test_nothing_is_settled_by_silence_and_nothing_is_left_to_settle_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert sent(monkeypatch, {})["settled"] == ""
    complete = {qid: ("unknown",) for qid, question in OURS.questions.items() if not question.derived}
    assert not decide(OURS, complete).missing
    assert sent(monkeypatch, complete)["settled"] == ""


def test_a_clash_is_told_as_soon_as_both_answers_are_given(monkeypatch: pytest.MonkeyPatch) -> None:
    clash = Clash(
        sentence="Text is not audio.",
        when=({"media": ("text",)}, {"network": ("blocked",)}),
        facts=(next(iter(OURS.facts)),),
    )
    clashing = dataclasses.replace(OURS, clashes={"loud": clash})
    monkeypatch.setattr(panel, "book", lambda: clashing)
    assert sent(monkeypatch, OPEN)["clashes"] == []
    assert sent(monkeypatch, SETTLED)["clashes"] == ["Text is not audio."]


def test_what_follows_from_the_path_leads_to_the_question_about_it(monkeypatch: pytest.MonkeyPatch) -> None:
    because = sent(monkeypatch, {"uplink": ("controls",), "duration": ("hours",), "path": ("railway",)})["because"]
    assert isinstance(because, list)
    follows = [entry for entry in because if entry["id"] == "path"]
    said = OURS.questions["passage"].answers["cut_sse"].said
    assert [entry["text"] for entry in follows] == [said[0].upper() + said[1:]]


def test_an_answer_is_told_in_a_sentence_with_all_that_it_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    (entry,) = panel_list(sent(monkeypatch, {"uplink": ("steady",)}), "because")
    assert entry["text"] == "The client sends a steady flow of input while output streams"
    assert entry["mark"].split("\n") == ["+ WebSocket", "− SSE"]


def test_points_below_nought_lie_left_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    told = sent(monkeypatch, {"uplink": ("steady",)})
    below, above = panel_list(told, "bars")
    assert below["label"] == "−1 point"
    assert below["from"] < below["to"] == told["zero"] == above["from"] < above["to"]
    flat = sent(monkeypatch, {})
    assert all(bar["from"] == bar["to"] == flat["zero"] for bar in panel_list(flat, "bars"))


def panel_list(told: dict[str, object], key: str) -> list[dict[str, Any]]:
    found = told[key]
    assert isinstance(found, list)
    return found
