"""Three clients of a browser, headless: what each sends, who comes back, and with what."""

from __future__ import annotations

import pytest

from demos.lab.runner import experiment
from demos.scenarios.clients import CUT, SCENARIO
from guide.model import Measurement
from tests.demos.own_thread import in_own_thread
from tests.known import known

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def found() -> dict[str, Measurement]:
    return {
        one.measurement.client: one.measurement for one in in_own_thread(experiment, "clients", SCENARIO, 1, 5).results
    }


def test_eventsource_comes_back_by_itself_and_the_others_by_code(found: dict[str, Measurement]) -> None:
    back = {client for client, measured in found.items() if measured.reconnects == 1}
    assert back == {"EventSource, no code", "fetch, resume code", "WebSocket, resume code"}
    for client, measured in found.items():
        assert measured.repeated == 0
        assert (measured.lost == 0) is (client in back)
        assert measured.tokens + known(measured.lost) == SCENARIO.n_tokens
        assert measured.tokens >= CUT


def test_only_fetch_posts_and_brings_a_header(found: dict[str, Measurement]) -> None:
    for client, measured in found.items():
        requests = 1 + measured.reconnects
        fetched = requests if client.startswith("fetch") else 0
        assert measured.figures == {"requests": requests, "posted": fetched, "authorized": fetched}
