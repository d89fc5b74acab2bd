"""Another site's page, headless, in a real browser."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from demos.lab.runner import experiment
from demos.scenarios.origin import SCENARIO

pytestmark = pytest.mark.browser


def measured():
    """In a thread of its own: where Playwright was used before, this one has an event loop already."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(experiment, "origin", SCENARIO, 1, 2).result().results


def test_a_check_of_origin_serves_both_and_cors_only_hides_what_ran():
    results = measured()
    found = {one.measurement.client: one.measurement.figures for one in results}
    nothing = {"opened": 0, "readable": 0, "model_runs": 0}
    assert found["EventSource, Origin checked"] == found["WebSocket, Origin checked"] == nothing
    assert found["EventSource, Origin not checked"] == nothing | {"model_runs": 1}
    opened = found["WebSocket, Origin not checked"]
    assert (opened["opened"], opened["model_runs"]) == (1, 1)
    assert opened["readable"] >= 10
