"""The matrix in small, headless: who stops, and what is made for nobody."""

from __future__ import annotations

from dataclasses import replace

import pytest

from demos.lab.runner import experiment
from demos.scenarios.stop import SCENARIO
from tests.known import known

Wasted = dict[tuple[str, str, str], tuple[float, float | None]]


@pytest.fixture(scope="module")
def wasted() -> Wasted:
    """Tokens made after the stop, by (transport, server, way). The answer is twice as long, since tests beside this one
    may starve it for a second, and a stop that comes after its end shows nothing."""
    found: Wasted = {}
    longer = replace(SCENARIO, n_tokens=2 * SCENARIO.n_tokens)
    for result in experiment("stop", longer, runs=1, seed=3).results:
        about = result.measurement
        _, server, way = about.client.split(", ")
        assert about.figures["model_stop_ms"] is not None
        found[about.transport, server, way] = known(about.figures["wasted_tokens"]), about.figures["after_stop"]
    return found


def test_our_server_stops_when_left_and_when_told(wasted: Wasted) -> None:
    good = [made for (_, server, _), (made, _) in wasted.items() if server == "good"]
    assert len(good) == 4
    assert max(good) < 10


@pytest.mark.parametrize("server", ["kept", "blocking", "detached"])
def test_the_others_make_the_rest(wasted: Wasted, server: str) -> None:
    made = [made for (_, which, _), (made, _) in wasted.items() if which == server]
    assert len(made) == 2
    assert min(made) > 20


def test_only_the_socket_is_deaf(wasted: Wasted) -> None:
    assert wasted["sse", "deaf", "explicit"][0] < 10
    made = [n for n in wasted["websocket", "deaf", "explicit"] if n is not None]
    assert len(made) == 2
    assert min(made) > 20, "of 30 that were left, less those that passed meanwhile"
