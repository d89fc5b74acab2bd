"""A large blob through a bottleneck: whoever shares the connection waits behind it."""

from __future__ import annotations

from demos.lab.runner import experiment
from demos.scenarios.large import BLOB_BYTES, BYTES_PER_S, SCENARIO
from tests.known import known


def test_tokens_wait_behind_a_blob_that_comes_whole_and_only_then() -> None:
    report = experiment("large", SCENARIO, runs=1, seed=3)
    found = {result.measurement.client: result.measurement for result in report.results}
    assert len(found) == 4
    least_ms = 0.8 * BLOB_BYTES / BYTES_PER_S * 1000
    # A client that a busy machine keeps from reading sees the blob begin late, and so come faster.
    assert all(known(one.figures["blob_ms"]) >= least_ms / 2 for one in found.values())
    assert all((one.lost, one.repeated) == (0, 0) for one in found.values())
    for cure, ill in (
        ("httpx, fetched apart", "httpx, whole"),
        ("websocket-client, in parts", "websocket-client, whole"),
    ):
        assert known(found[ill].gap_max_ms) >= least_ms
        assert known(found[cure].gap_max_ms) < known(found[ill].gap_max_ms)
