"""What a probe does in order, against a target without anything in front, and against one that is not there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from demos.probe.budget import MOST_REQUESTS
from demos.probe.reach import Unreachable
from demos.probe.reading import one_by_one
from demos.probe.run import QUICKEST_MS, SHARES, probe
from demos.processes.ports import free_port
from demos.proxies.trials import TRANSPORTS
from tests.demos.probe.seen import LONG, read


def test_both_transports_are_read_in_every_way(targets: Callable[[str], int]) -> None:
    found = probe(f"http://127.0.0.1:{targets('starlette')}", 1, 1, first_s=1)
    for way in TRANSPORTS:
        for reading in (found.pace[way], found.resumed[way], found.silent[way], found.long[way]):
            assert reading
            assert reading.whole
            assert reading.transport == way
        assert sorted(found.beating[way]) == sorted({max(QUICKEST_MS, 1000 // share) for share in SHARES})
        assert all(reading and reading.whole for reading in found.beating[way].values())
    sse = found.pace["sse"]
    assert found.bare
    assert sse
    assert "x-accel-buffering" not in found.bare.headers
    assert found.bare.headers["cache-control"] == sse.headers["cache-control"] == "no-cache"
    assert sse.headers["x-accel-buffering"] == "no"
    assert found.rest == {}
    assert 30 <= found.requests <= MOST_REQUESTS


def test_nothing_is_read_where_nothing_answers() -> None:
    with pytest.raises(Unreachable):
        probe(f"http://127.0.0.1:{free_port()}", 1, 1)


@pytest.mark.parametrize(("lump", "singly"), [(1, True), (2, False), (40, False)])
def test_what_comes_together_came_in_one_piece(lump: int, singly: bool) -> None:
    assert one_by_one(read("sse", LONG, lump=lump)) is singly
