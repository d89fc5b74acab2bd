"""What can be wrong in the benchmarks without a measurement: statistics, table, stamps, playback, the peer's graph."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any, Literal

import pytest
from starlette.testclient import TestClient

from demos.protocol.events import ANSWER
from tests.bench import peer_graph
from tests.bench.bare import Frame, application
from tests.bench.figures import OURS, PEER, Goal, Row, percentile, spread, table
from tests.bench.runs import Timing, stamps_of
from tests.demos.sdk.clients import ASK

LIFE = {"type": "event", "seq": 1, "method": "lifecycle", "params": {"data": {"event": "started"}}}
TOKEN = {
    "type": "event",
    "seq": 2,
    "method": "messages",
    "params": {"data": {"event": "content-block-delta", "delta": {"type": "text-delta", "text": "1234567 "}}},
}
TEXTS = [json.dumps(event, separators=(",", ":")) for event in (LIFE, TOKEN)]


def row(better: Literal["less", "more"], ours: list[float], peer: list[float], **goal: float) -> Row:
    made = Row("a figure", "SSE", "ms", better, PEER, Goal(**goal))
    made.samples = {OURS: ours, PEER: peer}
    return made


def test_a_percentile_is_a_sample() -> None:
    assert [percentile([3, 1, 2, 4], share) for share in (1, 25, 50, 51, 99, 100)] == [1, 1, 2, 3, 4, 4]
    with pytest.raises(ValueError, match="no samples"):
        percentile([], 50)


@pytest.mark.parametrize(("better", "ratios"), [("less", [10.0, 4.0]), ("more", [0.1, 0.25])])
def test_a_ratio_is_taken_within_a_round_and_is_above_one_where_ours_is_better(
    better: Literal["less", "more"], ratios: list[float]
) -> None:
    assert row(better, [1.0, 5.0], [10.0, 20.0]).ratios == ratios


@pytest.mark.parametrize(
    ("goal", "met"),
    [
        ({"ratio": 10}, True),
        ({"ratio": 10.1}, False),
        ({"at_most": 2}, True),
        ({"at_most": 1.9}, False),
        ({"at_most": 2, "ratio": 11}, False),
        ({}, None),
    ],
)
def test_a_goal_is_held_against_the_medians(goal: dict[str, float], met: bool | None) -> None:
    assert row("less", [1.0, 2.0, 9.0], [10.0, 20.0, 90.0], **goal).met is met


@pytest.mark.parametrize(("ours", "peer"), [([], [1.0]), ([1.0], [])])
def test_what_was_not_measured_meets_nothing(ours: list[float], peer: list[float]) -> None:
    assert row("less", ours, peer, ratio=1).met is None


def test_the_table_says_median_spread_goal_and_verdict() -> None:
    rows = [row("less", [1.0, 2.0, 9.0], [10.0, 20.0, 900.0], ratio=20), row("less", [], [])]
    first, second = table(rows).splitlines()[1:]
    assert "2.00 [1.00..9.00]" in first
    assert "20.0 [10.0..900]" in first
    assert first.endswith("ratio 20  MISSED")
    assert "nan" not in second
    assert spread([]) == "-"


def test_stamps_are_told_from_words_and_may_come_joined() -> None:
    assert stamps_of("123456789 223456789 ") == [123456789, 223456789]
    assert stamps_of("I look at 3 facts") == stamps_of("") == []
    timing = Timing(time.monotonic_ns())
    made = time.monotonic_ns()
    for text in ("a plan", f"{made} {made + 1} ", f"{made + 2} "):
        timing.note(text)
    assert (len(timing.came), timing.pieces) == (3, 2)
    assert timing.came[0] == timing.came[1] <= timing.came[2]
    assert timing.per_second == pytest.approx(3e9 / (timing.came[2] - made))


def test_the_bare_server_says_what_was_recorded_with_stamps_of_its_own() -> None:
    assert [Frame.of(text).stamp for text in TEXTS] == [False, True]
    before = time.monotonic_ns()
    with TestClient(application(TEXTS)) as client:
        path = "/api/threads/t/stream/events?channels=messages"
        with client.websocket_connect(path) as socket:
            command = {"id": 7, "params": {"config": {"configurable": {"rate": 0}}}}
            assert client.post("/api/threads/t/commands", json=command).json()["id"] == 7
            heard = socket.receive_json()
    (stamp,) = stamps_of(heard["params"]["data"]["delta"].pop("text"))
    assert before < stamp < time.monotonic_ns()
    expected = json.loads(TEXTS[1])
    del expected["params"]["data"]["delta"]["text"]
    assert heard == expected


def test_the_peer_runs_our_graph_with_the_knobs_as_clients_send_them() -> None:
    """LangGraph's server hands `config.configurable` on as it came, with keys of its own; here too they are ignored."""
    knobs = {"n_tokens": 3, "rate": 0, "first_token_ms": 0, "stamp": True, "thread_id": "t", "graph_id": "agent"}

    async def said() -> str:
        asked: Any = ASK
        chunks: AsyncIterator[Any] = peer_graph.graph.astream(asked, {"configurable": knobs}, stream_mode="messages")
        return "".join([chunk.text async for chunk, about in chunks if about["langgraph_node"] == ANSWER])

    assert len(stamps_of(asyncio.run(said()))) == 3
