"""A draft comes back from the browser once, and never over what the visitor has done since the page came."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from guide.book.link import encode
from guide.pages.parts import draft

ANSWERS = {"uplink": ("nothing",)}
KEPT = {
    "answers": encode(ANSWERS),
    "r_title": "Kept title",
    "r_context": "Kept context",
    "r_chosen": "sse",
    "r_decided": True,
    "r_reason": "Kept reason",
    "r_number": 7,
    "r_date": "2026-11-01",
}


def restored(monkeypatch: pytest.MonkeyPatch, kept: dict[str, Any] = KEPT, **session: Any) -> dict[str, Any]:
    held = {"draft": SimpleNamespace(found=json.dumps(kept)), "r_title": "Offered", "r_title_offered": "Offered"}
    held |= session
    monkeypatch.setattr(draft, "st", SimpleNamespace(session_state=held))
    monkeypatch.setattr(draft, "state", SimpleNamespace(answers=lambda: ANSWERS))
    draft.restore()
    return held


def test_a_draft_of_the_same_answers_comes_back_once(monkeypatch: pytest.MonkeyPatch) -> None:
    held = restored(monkeypatch)
    assert (held["r_title"], held["r_chosen"], held["r_reason"], held["r_number"]) == (
        "Kept title",
        "sse",
        "Kept reason",
        7,
    )
    held["r_chosen"] = "websocket"
    draft.restore()
    assert held["r_chosen"] == "websocket"


def test_a_draft_of_other_answers_stays_away(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "r_context" not in restored(monkeypatch, {**KEPT, "answers": encode({"uplink": ("steady",)})})


def test_who_was_faster_than_the_storage_keeps_what_was_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A choice and its reason belong together: half of each was once written into a record."""
    held = restored(monkeypatch, r_chosen="websocket", r_decided=True)
    assert (held["r_chosen"], held.get("r_reason")) == ("websocket", None)
    held = restored(monkeypatch, r_reason="We run one.", r_chosen=None)
    assert (held["r_chosen"], held["r_reason"]) == (None, "We run one.")
    assert held["r_context"] == "Kept context"
    assert restored(monkeypatch, r_context="Mine")["r_context"] == "Mine"
    assert restored(monkeypatch, r_title="Mine")["r_title"] == "Mine"
