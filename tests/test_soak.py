"""The soak itself: what it draws, what it would notice, and its short form against a real server."""

from __future__ import annotations

import dataclasses
import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.patience import seconds
from tests.soak.plan import Plan, draw
from tests.soak.sighting import Sighting, Stop, faults
from tests.soak.watch import growth, thirds

ROOT = Path(__file__).parents[1]
SECONDS, STREAMS = 15, 40
PLAN = Plan(tokens=2, rate=10, ending="completes", at=0, stamp=True, early=True, second_after=None, answered=0, seed=1)
EVENTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("lifecycle", {"event": "started"}),
    ("messages", {"event": "content-block-delta", "delta": {"text": "1 "}}),
    ("messages", {"event": "content-block-delta", "delta": {"text": "2 "}}),
    ("lifecycle", {"event": "completed"}),
)
STATE: dict[str, Any] = {
    "next": [], "status": "idle", "metadata": {"last_seq": 4}, "values": {"messages": [{"content": "1 2 "}]}
}  # fmt: skip


def sighting(*seqs: int) -> Sighting:
    seen = Sighting("a viewer", 0, 0)
    for seq in seqs:
        method, data = EVENTS[seq - 1]
        node = {"node": "answer"} if method == "messages" else {}
        seen.take(json.dumps({"seq": seq, "method": method, "params": {"namespace": [], "data": data, **node}}))
    return seen


def test_a_run_that_came_whole_is_right() -> None:
    assert faults(PLAN, [sighting(1, 2, 3, 4), sighting(1, 2, 3, 4)], set(), STATE, None) == []


@pytest.mark.parametrize(
    ("seqs", "words"),
    [
        ((1, 3, 4), "lost [2]"),
        ((1, 2, 2, 3, 4), "1 repeated"),
        ((2, 1, 3, 4), "out of order"),
        ((1, 2, 3, 4, 4), "ends"),
        ((1, 2, 4), "1 tokens of 2"),
    ],
)
def test_what_is_lost_repeated_or_out_of_order_is_noticed(seqs: tuple[int, ...], words: str) -> None:
    assert words in " ".join(faults(PLAN, [sighting(*seqs)], set(), STATE, None))


@pytest.mark.parametrize(
    ("plan", "stop", "state", "words"),
    [
        ({"ending": "fails", "at": 0.5}, None, {}, "a run that fails ended with"),
        ({"ending": "is stopped"}, Stop(2, 1, 0), {}, "a run that is stopped ended with"),
        ({"ending": "is stopped"}, Stop(2, 2, 0), {}, "1 of them up to there"),
        ({"tokens": 3}, None, {}, "2 tokens of 3"),
        ({}, None, {"status": "busy"}, "not at rest"),
        ({}, None, {"metadata": {"last_seq": 5}}, "the log ends with 5"),
        ({}, None, {"values": {"messages": [{"content": "1 "}]}}, "another text"),
    ],
)
def test_another_end_than_the_one_due_is_noticed(
    plan: dict[str, Any], stop: Stop | None, state: dict[str, Any], words: str
) -> None:
    found = faults(dataclasses.replace(PLAN, **plan), [sighting(1, 2, 3, 4)], set(), {**STATE, **state}, stop)
    assert words in " ".join(found)


def test_a_question_that_was_answered_meanwhile_is_not_lost() -> None:
    seen = sighting(1, 2, 4)
    assert (seen.missing({3}), seen.missing(())) == ([], [3])


def test_chance_is_a_parameter_and_every_ending_is_drawn() -> None:
    one, other = ([draw(random.Random(seed), 5) for seed in range(200)] for _ in range(2))
    assert one == other
    assert {plan.ending for plan in one} == {"completes", "fails", "is stopped", "is left"}


def test_growth_is_that_of_the_time_after_the_warm_up() -> None:
    rising, then_flat = [(float(n), float(n)) for n in range(30)], [(float(n), float(min(n, 10))) for n in range(30)]
    assert growth(rising) == pytest.approx(19)
    assert growth(then_flat) == pytest.approx(0)
    assert thirds(rising) == [4.5, 14.5, 24.5]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the soak reads the server's memory from /proc")
def test_the_short_soak() -> None:
    """Less than a minute of what `make soak` does: a real server, cuts and resumes on both transports."""
    command = [sys.executable, "-m", "tests.soak", "--seconds", str(SECONDS), "--streams", str(STREAMS), "--seed", "1"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=seconds(240), check=False)
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-2000:]
    assert "0 lost, 0 repeated, 0 faults" in ran.stdout
    for kind in ("event stream fin", "event stream drop reset", "WebSocket reset", "WebSocket drop clean", "approvals"):
        assert f" {kind}" in ran.stdout, ran.stdout
