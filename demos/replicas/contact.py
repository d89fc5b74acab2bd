"""When this replica last reached the engine, and since when without a break."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_S = 30.0
"""How long an engine may be away. A step of a graph waits that long for it, and then its run is stopped."""


class Contact:
    """Judges by what succeeded: a frozen engine raises no error for a while."""

    def __init__(self, lease_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._lease_s, self._clock = lease_s, clock
        self._last = self._since = clock()
        self._born = ""
        self._anew_at: float | None = None

    def made(self) -> None:
        """The engine has answered."""
        now = self._clock()
        if now - self._last > self._lease_s:
            self._since = now
        self._last = now

    @property
    def away_s(self) -> float:
        """Seconds since its last answer, beyond the lease; 0: all is well."""
        return max(0.0, self._clock() - self._last - self._lease_s)

    @property
    def is_away_too_long(self) -> bool:
        """Whether runs are stopped, since nothing of them can be shown."""
        return self.away_s > PATIENCE_S

    def born(self, mark: str) -> bool:
        """Take in the mark that the engine keeps. True: it is another one, so the engine has lost its data."""
        is_another = bool(self._born) and mark != self._born
        if is_another:
            self._anew_at = self._clock()
        self._born = mark
        return is_another

    def is_anew(self, mark: str) -> bool:
        """Whether the engine lost its data so short ago that owners may still be giving it what they have."""
        if mark != self._born:
            return True
        return self._anew_at is not None and self._clock() - self._anew_at < 2 * self._lease_s

    @property
    def may_judge(self) -> bool:
        """Whether signs of life that are missing mean something.

        They run out for everybody while the engine is frozen. So nobody is taken for lost before two leases have passed
        without a break.
        """
        now = self._clock()
        return now - self._last <= self._lease_s and now - self._since >= 2 * self._lease_s
