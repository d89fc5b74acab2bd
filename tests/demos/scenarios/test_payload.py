"""Weighed without a browser, by the command line's own way: real runs behind a real server."""

from __future__ import annotations

import dataclasses

from demos.lab.runner import experiment
from demos.protocol.payload_forms import FORMS
from demos.scenarios import scenarios
from tests.known import known


def test_each_form_on_each_transport() -> None:
    short = dataclasses.replace(scenarios()["payload"], n_tokens=60)
    found = {
        (r.measurement.transport, r.measurement.client): r.measurement
        for r in experiment("payload", short, 1, 3).results
    }
    assert set(found) == {(transport, form) for transport in ("sse", "websocket") for form in FORMS}
    for one in found.values():
        assert (one.tokens, one.finished, one.lost) == (60, True, None)
        assert one.first_token_ms
    plain = {key: known(one.figures["plain_token_bytes"]) for key, one in found.items()}
    assert plain["sse", "v2_events"] > 10 * plain["sse", "tokens"] > 10 * plain["websocket", "tokens"]
    assert known(found["sse", "v2_events"].figures["compression_times"]) > 5
