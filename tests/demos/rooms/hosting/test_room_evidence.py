"""A round as evidence: medians with their spread, marked as told by browsers, and never of a few."""

from __future__ import annotations

import pytest

from demos.protocol.errors import Refusal
from demos.rooms.hosting.room_evidence import round_evidence
from demos.rooms.rounds import TOKENS
from tests.demos.rooms.rooms import REST, cut, played


def test_a_round_becomes_evidence() -> None:
    found = round_evidence(played("resume", people=7, sse=cut(1_000), websocket=cut(300)))
    sse, socket = found.measurements
    assert (sse.client, socket.client, found.runs) == ("7 browsers", "7 browsers", 1)
    assert "Told by 7 browsers" in found.how
    assert (sse.lost, sse.repeated, sse.reconnects, sse.tokens, sse.finished) == (0, 0, 1, TOKENS, True)
    assert (sse.figures["next_word_ms"], socket.figures["next_word_ms"]) == (1_000, 300)
    assert found.labels.keys() >= sse.figures.keys()
    assert sse.spread["next_word_ms"].runs == 7
    naive = round_evidence(played("drop", websocket={"missing": REST}), simulated=2)
    assert naive.measurements[1].lost == len(REST)
    assert "2 of them were simulated" in naive.how


def test_figures_of_a_few_are_no_evidence() -> None:
    with pytest.raises(Refusal, match="4 people"):
        round_evidence(played("plain", people=4))
