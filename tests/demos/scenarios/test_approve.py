"""A human in the loop, headless and for real: the connection is lost while the question waits for three responses."""

from __future__ import annotations

import dataclasses

import pytest

from demos.faults.reset import Reset
from demos.lab.runner import experiment
from demos.protocol.run_options import Pace
from demos.scenarios.approve import SCENARIO
from guide.model import Measurement
from tests.known import known


@pytest.fixture(scope="module")
def found() -> list[Measurement]:
    brief = dataclasses.replace(
        SCENARIO, pace=Pace(rate=60, first_token_ms=100), n_tokens=20, faults=(Reset(after_ms=20, after_tokens=1),)
    )
    return [one.measurement for one in experiment("approve", brief, runs=1, seed=5).results]


def test_over_both_transports_it_is_asked_once_though_the_connection_was_lost(found: list[Measurement]) -> None:
    assert {one.transport for one in found} == {"sse", "websocket"}
    for one in found:
        assert (one.reconnects, one.figures["asked"]) == (1, 1)
        assert (one.tokens, one.lost, one.repeated, one.finished) == (20, 0, 0, True)


def test_the_same_response_again_is_a_success_and_another_one_is_refused(found: list[Measurement]) -> None:
    for one in found:
        figures = one.figures
        taken = [figures[name] for name in ("accepted", "repeated_responses", "refused", "model_runs")]
        assert taken == [1, 1, 1, 1]
        assert known(figures["answer_ms"]) > 0
