"""Counts the readings that a test of one proxy will have, so that its progress can be told. Runs nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from demos.proxies.catalog import CONFIGS, Binary
from demos.proxies.expected import expected
from demos.proxies.matrix import FIRST, Matrix
from demos.proxies.trials import TRANSPORTS, TRIALS


def planned(here: Sequence[Binary], tried: Sequence[str], so_far: Iterable[Matrix]) -> int:
    """Return the number of readings of all these versions: a transport that is refused has one, the first.

    Args:
        tried: names of the trials of this test.
        so_far: what was measured already; for the rest the expected results count.
    """
    measured = {
        (matrix.version, one.config, one.transport): not one.readings[FIRST].refused
        for matrix in so_far
        for one in matrix.passages
    }
    return sum(
        1 + _further(tried, config) * measured.get((binary.version, config, way), _opens(binary, config, way))
        for binary in here
        for config in CONFIGS
        for way in TRANSPORTS
    )


def _further(tried: Sequence[str], config: str) -> int:
    return sum(name != FIRST and (config == "recommended" or not TRIALS[name].http2) for name in tried)


def _opens(binary: Binary, config: str, transport: str) -> bool:
    wanted = expected(binary.name, binary.version, config)
    return wanted is None or getattr(wanted, transport).opens == "yes"
