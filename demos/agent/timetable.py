"""When the next token is due: by the start of the answer, not by the token before it.

Whatever else the process does between two tokens would otherwise be added to every gap, and a room of 100 readers would
stretch the answer for all of them. Who is late catches up, but never faster than four times the pace: no lumps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

LEAST_SHARE = 0.25
"""Of a gap that is waited at least, however late it is."""


class Timetable:
    """Waits for one answer."""

    def __init__(self, gaps: Iterator[float], clock: Callable[[], float]) -> None:
        """`gaps`: seconds between tokens, the first one before the first token; `clock` returns seconds."""
        self._gaps, self._clock = gaps, clock
        self._due = clock()

    def wait(self) -> float:
        """Seconds to wait for the next token."""
        gap = next(self._gaps)
        self._due += gap
        return max(self._due - self._clock(), gap * LEAST_SHARE)
