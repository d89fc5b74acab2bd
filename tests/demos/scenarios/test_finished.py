"""Headless: who asks the model again when the answer is complete."""

from __future__ import annotations

from demos.lab.runner import experiment
from demos.scenarios.finished import ASKS_AGAIN, SCENARIO


def test_only_the_naive_event_stream_asks_the_model_again() -> None:
    report = experiment("finished", SCENARIO, runs=1, seed=3)
    cost = {(one.measurement.transport, one.measurement.client): one.measurement.figures for one in report.results}
    again = ASKS_AGAIN + 1
    tokens = SCENARIO.n_tokens
    naive = {"requests": again, "model_runs": again, "made": again * tokens, "twice": ASKS_AGAIN * tokens}
    once = {"requests": 1, "model_runs": 1, "made": tokens, "twice": 0}
    assert cost == {
        ("sse", "naive"): naive,
        ("sse", "last event"): once,
        ("sse", "status 204"): once | {"requests": 2},
        ("websocket", "naive"): once,
    }
    assert report.how.startswith("no relay")
