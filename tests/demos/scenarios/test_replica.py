"""Headless: the server that writes is killed, and two others are up."""

from __future__ import annotations

import pytest

from demos.lab.runner import experiment
from demos.processes.engine_server import program
from demos.scenarios.replica import APART_NAME, SCENARIO


@pytest.mark.engine
def test_with_a_shared_log_nothing_is_lost_and_without_one_the_rest_is() -> None:
    if program() is None:
        pytest.skip("no Redis or Valkey on this machine")
    report = experiment("replica", SCENARIO, runs=1, seed=3)
    found = {one.measurement.client: one.measurement for one in report.results}
    for client in ("httpx", "websocket-client"):
        whole = found[client]
        assert (whole.lost, whole.repeated, whole.finished) == (0, 0, True)
        assert (whole.figures["never_came"], whole.figures["twice"]) == (0, 0)
        assert whole.figures["pause_ms"]
    apart = found[APART_NAME]
    assert (apart.lost, apart.finished) == (None, False)
    assert apart.figures["never_came"] == SCENARIO.n_tokens - apart.tokens > 0
    assert apart.figures["told"] == 1
