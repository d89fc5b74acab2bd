"""How long tests wait: generous bounds that scale with the speed of this machine, measured once a process.

A wait is always for a condition, so a fast machine never waits that long. A slow one gets more before a test fails.
"""

from __future__ import annotations

import functools
import json
import os
import time

VARIABLE = "STREAMWISE_TEST_PATIENCE"
"""Set to a number of 1 or more where the measurement below does not see how slow the machine will be."""
REFERENCE_S = 0.06
"""Processor-bound work of `_work` on the machine that the bounds were chosen on, while other tests run."""
MOST = 20.0


def _work() -> None:
    for n in range(400):
        json.loads(json.dumps({str(key): [key, str(key)] for key in range(n % 100)}))


@functools.cache
def factor() -> float:
    """By how much bounds are stretched here: 1 on a machine like the reference or faster, at most MOST."""
    if given := os.environ.get(VARIABLE):
        return max(1.0, float(given))
    took = []
    for _ in range(3):
        began = time.perf_counter()
        _work()
        took.append(time.perf_counter() - began)
    return min(MOST, max(1.0, sorted(took)[1] / REFERENCE_S))


def seconds(on_the_reference: float) -> float:
    """A bound in seconds, stretched."""
    return on_the_reference * factor()


def milliseconds(on_the_reference: float) -> float:
    """A bound in milliseconds, stretched."""
    return on_the_reference * factor()
