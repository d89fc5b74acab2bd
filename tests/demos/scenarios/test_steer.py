"""Input while output streams, headless and for real: bytes are counted by a relay that knows no protocol."""

from __future__ import annotations

import dataclasses

import pytest

from demos.lab.runner import experiment
from demos.protocol.run_options import Pace
from demos.scenarios.steer import SCENARIO, subjects
from guide.model import Measurement
from tests.known import known


@pytest.fixture(scope="module")
def found() -> dict[str, Measurement]:
    brief = dataclasses.replace(
        SCENARIO, subjects=subjects(12, 20), pace=Pace(rate=60, first_token_ms=100), n_tokens=40
    )
    return {one.measurement.client: one.measurement for one in experiment("steer", brief, runs=1, seed=5).results}


def test_every_input_is_heard_and_nothing_of_the_answer_is_lost(found: dict[str, Measurement]) -> None:
    for one in found.values():
        assert (one.figures["inputs"], one.figures["unheard"], one.lost, one.repeated) == (12, 0, 0, 0)
        assert one.tokens > 40, "the tokens that show an input come on top"
        assert known(one.figures["ack_ms"]) > 0
        assert known(one.figures["steer_ms"]) > 0


def test_by_post_an_input_costs_a_request_with_its_head(found: dict[str, Measurement]) -> None:
    kept, fresh, in_band = (found[name] for name in ("httpx", "httpx, new connections", "websocket-client"))
    assert [one.figures["requests"] for one in (kept, fresh, in_band)] == [12, 12, 0]
    assert kept.figures["sent_bytes"] == fresh.figures["sent_bytes"]
    assert known(kept.figures["sent_bytes"]) > 2 * known(in_band.figures["sent_bytes"])


def test_in_band_it_costs_its_text_and_six_bytes(found: dict[str, Measurement]) -> None:
    text = '{"id":1,"method":"input.inject","params":{"namespace":[],"message":{"role":"user","content":"topic 0"}}}'
    sizes = [len(text) + (n > 8) + (n > 9) + 6 for n in range(12)]  # ids from 10, topics from 10
    assert found["websocket-client"].figures["sent_bytes"] == sum(sizes) / 12
