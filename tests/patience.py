"""How long tests wait: generous bounds that scale with the speed of this machine, measured once a process.

A wait is always for a condition, so a fast machine never waits that long. A slow one gets more before a test fails.
"""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
import time
from pathlib import Path

VARIABLE = "STREAMWISE_TEST_PATIENCE"
"""The least factor: set where the measurement below does not see how slow the machine will be."""
REFERENCE_S = 0.06
"""Processor-bound work of `_work` on the machine that the bounds were chosen on, while other tests run."""
MOST = 20.0
CORES, ROUNDS, TOGETHER_S = 2, 60, 1.2
"""On the reference, so many processes at once need so many seconds for so many times `_work`, with nothing beside."""


def _work() -> None:
    for n in range(400):
        json.loads(json.dumps({str(key): [key, str(key)] for key in range(n % 100)}))


@functools.cache
def factor() -> float:
    """By how much bounds are stretched here: 1 on a machine like the reference or faster, at most MOST."""
    least = float(os.environ.get(VARIABLE, "1"))
    took = []
    for _ in range(3):
        began = time.perf_counter()
        _work()
        took.append(time.perf_counter() - began)
    return max(1.0, least, min(MOST, sorted(took)[1] / REFERENCE_S))


TRIES, AS_FAST = 5, 1.2
"""So often is measured until it is about as fast as the reference: what is busy for a moment is not slow."""


def slowness() -> float:
    """By how much two cores of this machine are slower than those of the reference, both at work: 1 where they are not.

    A machine of fewer cores, or of which we have a share, is slow. To be asked before any test runs.
    """
    least = MOST
    for _ in range(TRIES):
        least = min(least, max(1.0, _together_s() / TOGETHER_S))
        if least < AS_FAST:
            break
    return least


def _together_s() -> float:
    """How long processes take on average that are at work at the same time."""
    code = f"import tests.patience as p, time; b = time.perf_counter(); [p._work() for _ in range({ROUNDS})]"
    command = [sys.executable, "-c", f"{code}; print(time.perf_counter() - b)"]
    root = Path(__file__).parents[1]
    at_work = [subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) for _ in range(CORES)]
    return sum(float(process.communicate()[0]) for process in at_work) / CORES


def seconds(on_the_reference: float) -> float:
    """A bound in seconds, stretched."""
    return on_the_reference * factor()


def milliseconds(on_the_reference: float) -> float:
    """A bound in milliseconds, stretched."""
    return on_the_reference * factor()


def at_once(on_the_reference: int) -> int:
    """How many things that time something go on at the same time: fewer where all is slow."""
    return max(1, round(on_the_reference / factor()))
