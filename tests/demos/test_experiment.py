"""The drop, headless and for real: relay, reset, two transports, and the client of the tutorials."""

import pytest

from demos.experiment import experiment
from demos.faults.reset import Reset
from demos.scenarios import Scenario
from demos.settings import Pace


@pytest.fixture(scope="module")
def report():
    pace = Pace(rate=40, first_token_ms=100, jitter=0.3)
    return experiment(
        "toy", Scenario("Toy", "Watch.", pace=pace, n_tokens=40, faults=(Reset(after_ms=500),)), runs=1, seed=3
    )


def test_each_client_is_measured_once_and_the_order_is_rotated(report):
    assert [result.measurement.client for result in report.results] == ["websocket-client", "naive", "httpx"]


def test_whoever_resumes_loses_and_repeats_nothing(report):
    for result in report.results:
        found = result.measurement
        if found.client != "naive":
            assert (found.tokens, found.lost, found.repeated, found.reconnects) == (40, 0, 0, 1)


def test_the_naive_client_loses_the_rest(report):
    (naive,) = [result.measurement for result in report.results if result.measurement.client == "naive"]
    assert naive.lost > 0
    assert naive.tokens + naive.lost == 40


def test_it_says_how_and_with_what(report):
    assert "Reset(after_ms=500)" in report.how
    assert report.versions["websocket-client"]
