"""The silence without a browser: an idle limit in the path, clients with and without a heartbeat."""

from __future__ import annotations

from dataclasses import replace

from demos.lab.runner import experiment
from demos.scenarios.silence import HEARTBEAT_MS, LIMIT_MS, SCENARIO
from tests.known import known


def test_only_a_heartbeat_keeps_a_silent_stream_open() -> None:
    short = replace(SCENARIO, settings={"silence_ms": 2 * LIMIT_MS}, n_tokens=10)
    report = experiment("silence", short, runs=1, seed=5)
    assert f"6 times Idle(idle_ms={LIMIT_MS})" in report.how
    assert len(report.results) == 5
    for result in report.results:
        found = result.measurement
        naive, beating = "naive" in found.client, "no heartbeat" not in found.client
        assert found.figures["connections"] == (1 if naive or beating else 2), found.client
        assert found.lost == (10 if naive else 0)
        assert (known(found.figures["heartbeats"]) >= 2 * LIMIT_MS / HEARTBEAT_MS - 2) is beating
