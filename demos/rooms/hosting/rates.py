"""A rate for each key: so many at once, then so many a second. Bounded in memory; time is handed in by a clock."""

from __future__ import annotations

from collections.abc import Callable

MOST_KEYS = 5_000


class Rate:
    """A token bucket for each key (https://en.wikipedia.org/wiki/Token_bucket)."""

    def __init__(self, burst: int, a_second: float, clock: Callable[[], float]) -> None:
        self._burst, self._a_second, self._clock = burst, a_second, clock
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, key: str) -> bool:
        """Whether one more may come now; it is counted if so."""
        now = self._clock()
        left, then = self._left.pop(key, (float(self._burst), now))
        left = min(self._burst, left + (now - then) * self._a_second)
        self._left[key] = (left - 1 if left >= 1 else left, now)
        while len(self._left) > MOST_KEYS:
            del self._left[next(iter(self._left))]
        return left >= 1
