"""A slow reader beside an ordinary one, for real, and how its figures are read."""

from __future__ import annotations

import asyncio
from typing import cast

from demos.harness.testbed import Stage
from demos.scenarios.slow import SCENARIO, SlowReader, about, value
from guide.model import Measurement
from tests.known import known

BEFORE = """# HELP process_resident_memory_bytes Resident memory size in bytes.
process_resident_memory_bytes 1e+06
streamwise_sent_events_total{transport="sse"} 10.0
streamwise_streams_closed_total{transport="sse",reason="gone"} 1.0
"""
AFTER = """process_resident_memory_bytes 3e+06
streamwise_sent_events_total{transport="sse"} 30.0
streamwise_sent_events_total{transport="websocket"} 7.0
streamwise_streams_closed_total{transport="sse",reason="gone"} 3.0
streamwise_streams_closed_total{transport="sse",reason="slow"} 1.0
"""


def test_metrics_are_read_by_name_and_labels() -> None:
    assert value(AFTER, "streamwise_sent_events_total", transport="sse") == 30
    assert value(AFTER, "streamwise_sent_events_total") == 37
    assert value(AFTER, "streamwise_sent_events", transport="sse") == 0


def test_a_reader_that_was_dropped_is_told_from_one_that_left() -> None:
    slow = SlowReader("sse", 1, "t", received=b'data: {"event_id":"a-1"} data: {"event_id":"a-2"}')
    assert about(slow, BEFORE, AFTER, others=12) == {
        "memory_bytes": 2e6,
        "slow_handed": 8,
        "slow_received": 2,
        "slow_received_bytes": len(slow.received),
        "slow_dropped": 1,
    }


def test_memory_that_nobody_tells_is_null() -> None:
    assert about(None, "", "", others=0) == {"memory_bytes": None}


def test_a_slow_reader_is_held_and_the_other_one_gets_everything() -> None:
    subject = next(one for one in SCENARIO.subjects if one.client == "httpx, beside a slow one")

    async def measured() -> Measurement:
        return await subject.measure(cast(Stage, None), SCENARIO.setup(1))  # it has a server of its own

    found = asyncio.run(measured())
    assert (found.lost, found.finished) == (0, True)
    assert 0 < known(found.figures["slow_received"]) < known(found.figures["slow_handed"]) < found.events
