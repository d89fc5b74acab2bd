"""Another site's page, headless, in a real browser."""

from __future__ import annotations

import pytest

from demos.lab.runner import experiment
from demos.scenarios.origin import SCENARIO
from tests.demos.own_thread import in_own_thread
from tests.known import known

pytestmark = pytest.mark.browser


def test_a_check_of_origin_serves_both_and_cors_only_hides_what_ran() -> None:
    results = in_own_thread(experiment, "origin", SCENARIO, 1, 2).results
    found = {one.measurement.client: one.measurement.figures for one in results}
    nothing = {"opened": 0, "readable": 0, "model_runs": 0}
    assert found["EventSource, Origin checked"] == found["WebSocket, Origin checked"] == nothing
    assert found["EventSource, Origin not checked"] == nothing | {"model_runs": 1}
    opened = found["WebSocket, Origin not checked"]
    assert (opened["opened"], opened["model_runs"]) == (1, 1)
    assert known(opened["readable"]) >= 10
