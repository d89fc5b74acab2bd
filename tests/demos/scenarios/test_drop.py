"""Measured without a browser: whoever asks again pays twice, and is told the same again."""

from __future__ import annotations

from demos.lab.runner import experiment
from demos.scenarios import scenarios


def test_asking_again_runs_the_model_twice_and_repeats_what_was_there() -> None:
    report = experiment("drop", scenarios()["drop"], runs=1, seed=5)
    found = {result.measurement.client: result.measurement for result in report.results}
    again = found["asks again"]
    assert (again.figures["model_runs"], again.lost, again.finished) == (2, 0, True)
    assert again.repeated
    assert (found["httpx"].repeated, found["websocket-client"].repeated) == (0, 0)
    assert found["naive"].lost
