"""Limits of one probe: requests, bytes and seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")
MOST_REQUESTS = 32
LARGEST = 1_000_000
"""Bytes that are read of one answer."""
PATIENCE_S = 4.0
"""How long a connection may take to be made, or an answer to begin."""
PACE_S = 6.5
"""How long one transport's pace is looked at, in all tries."""
TARGETS = ("fastapi", "starlette")
"""Targets in guide/knowledge/probe/, by what they are made with."""
SILENCE_S, LONG_S = 18.0, 20.0
"""What is tried unless told otherwise. uvicorn pings a WebSocket each 20 s, so silence must be shorter."""
MOST_S = 300.0
"""The longest silence, and the longest stream, that the targets grant."""


def longest_s(silence_s: float = SILENCE_S, long_s: float = LONG_S, patience_s: float = PATIENCE_S) -> float:
    """How long a probe takes at most: reaching the target, each pace, everything at once, the rest of what was cut."""
    return 2 * patience_s + 3 * PACE_S + max(silence_s, long_s) + 1.5 * patience_s + patience_s


class TooMany(RuntimeError):
    """More requests than a probe may make: a mistake of ours."""


@dataclass
class Budget:
    """Counts requests; safe to share between threads."""

    most: int = MOST_REQUESTS
    made: int = 0
    began: float = field(default_factory=time.monotonic)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def spend(self) -> None:
        """Before each request, WebSocket handshakes included.

        Raises:
            TooMany: all are used up.
        """
        with self._lock:
            if self.made >= self.most:
                raise TooMany(f"a probe makes at most {self.most} requests")
            self.made += 1

    @property
    def seconds(self) -> float:
        return round(time.monotonic() - self.began, 1)


def at_once(jobs: Sequence[Callable[[], T]], within_s: float) -> list[T | None]:
    """What the jobs return, run together; None for one that took longer. Such a one is left behind, not waited for.

    Raises:
        Exception: the first that a job raised.
    """
    results: list[T | None] = [None] * len(jobs)
    failures: list[Exception] = []

    def run(n: int) -> None:
        try:
            results[n] = jobs[n]()
        except Exception as error:
            failures.append(error)

    # Daemons: a peer that sends a byte now and then must not keep the program alive.
    threads = [threading.Thread(target=run, args=(n,), daemon=True) for n in range(len(jobs))]
    for thread in threads:
        thread.start()
    ends = time.monotonic() + within_s
    for thread in threads:
        thread.join(max(0.0, ends - time.monotonic()))
    given = [*results]  # one that comes late changes nothing any more
    if failures:
        raise failures[0]
    return given
