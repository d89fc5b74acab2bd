"""The drop, headless and for real: relay, reset, two transports, and the client of the tutorials."""

from __future__ import annotations

import pytest

from demos.faults.reset import Reset
from demos.lab.runner import Report, Result, experiment, spreads
from demos.protocol.run_options import Pace
from demos.scenarios import Scenario
from tests.demos.measurements import ONE
from tests.known import known


@pytest.fixture(scope="module")
def report() -> Report:
    pace = Pace(rate=40, first_token_ms=100, jitter=0.3)
    return experiment(
        "toy", Scenario(1, group="start", pace=pace, n_tokens=40, faults=(Reset(after_ms=500),)), runs=1, seed=3
    )


def test_each_client_is_measured_once_and_the_order_is_rotated(report: Report) -> None:
    assert [result.measurement.client for result in report.results] == ["websocket-client", "naive", "httpx"]


def test_whoever_resumes_loses_and_repeats_nothing(report: Report) -> None:
    for result in report.results:
        found = result.measurement
        if found.client != "naive":
            assert (found.tokens, found.lost, found.repeated, found.reconnects) == (40, 0, 0, 1)
            assert found.figures["connections"] == 2


def test_the_naive_client_loses_the_rest(report: Report) -> None:
    (naive,) = [result.measurement for result in report.results if result.measurement.client == "naive"]
    assert known(naive.lost) > 0
    assert naive.tokens + known(naive.lost) == 40


def test_bytes_on_the_wire_are_counted_and_not_less_than_what_was_computed(report: Report) -> None:
    for result in report.results:
        found = result.measurement
        if found.client == "naive":  # nothing is sent again, so nothing is counted that was not received
            computed = known(found.bytes_payload) + known(found.bytes_framing)
            assert known(found.figures["wire_bytes"]) > computed


def test_it_says_how_and_with_what(report: Report) -> None:
    assert "Reset(after_ms=500" in report.how
    assert report.versions["websocket-client"]


def test_several_runs_are_told_as_median_least_and_most() -> None:
    results = [
        Result(run, ONE.model_copy(update={"lost": lost, "first_token_ms": None, "figures": {"stop_ms": lost / 2}}))
        for run, lost in enumerate((7, 1, 3), 1)
    ]
    found = {one.figure: (one.median, one.least, one.most, one.runs) for one in spreads(results)}
    assert (found["lost"], found["stop_ms"]) == ((3, 1, 7, 3), (1.5, 0.5, 3.5, 3))
    assert not {"first_token_ms", "finished", "transport"} & set(found)
