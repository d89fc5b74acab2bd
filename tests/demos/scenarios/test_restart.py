"""Headless: the server of a client is restarted in mid-answer."""

from __future__ import annotations

from demos.lab.runner import experiment
from demos.scenarios.restart import SCENARIO


def test_whoever_comes_back_is_told_that_the_answer_is_gone() -> None:
    report = experiment("restart", SCENARIO, runs=1, seed=3)
    found = {one.measurement.client: one.measurement for one in report.results}
    for client in ("httpx", "websocket-client"):
        figures = found[client].figures
        assert (figures["back_ms"], figures["twice"], figures["told"]) == (None, 0, 1)
        assert figures["tries"]
    naive = found["naive"].figures
    assert (naive["back_ms"], naive["tries"], naive["told"]) == (None, 0, 0)
    for measurement in found.values():
        assert (measurement.lost, measurement.finished) == (None, False)
        assert measurement.tokens > 0
        assert measurement.figures["never_came"] == SCENARIO.n_tokens - measurement.tokens > 0
