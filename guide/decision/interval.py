"""Computes the interval that a share lies in, from how many cases it was counted."""

from __future__ import annotations

import math


def wilson(hits: float, n: int) -> tuple[float, float]:
    """The 95 % interval of a share by Wilson's formula; (0, 1) where nothing was counted."""
    if not n:
        return 0.0, 1.0
    share, z = hits / n, 1.96
    middle, spread = share + z * z / (2 * n), z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return (middle - spread) / (1 + z * z / n), (middle + spread) / (1 + z * z / n)
