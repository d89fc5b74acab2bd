"""Headless, in a real Chromium: six HTTP connections to a server, and none of WebSocket's."""

from __future__ import annotations

import pytest

from demos.lab.runner import experiment
from demos.scenarios.tabs import SCENARIO
from tests.demos.own_thread import in_own_thread
from tests.known import known


@pytest.mark.browser
def test_the_seventh_http_stream_hangs_until_one_is_closed_and_the_seventh_socket_does_not() -> None:
    report = in_own_thread(experiment, "tabs", SCENARIO, 1, 3)
    found = {one.measurement.client: one.measurement.figures for one in report.results}
    for client in ("EventSource", "fetch"):
        figures = found[client]
        assert (figures["opened"], figures["hanging"], figures["seventh_ms"]) == (6, 1, None)
        assert known(figures["let_in_ms"]) < 1500
    socket = found["WebSocket"]
    assert (socket["opened"], socket["hanging"], socket["let_in_ms"]) == (7, 0, None)
    assert known(socket["seventh_ms"]) < 1500
