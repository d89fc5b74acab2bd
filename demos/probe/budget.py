"""Limits of one probe: requests, bytes and seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")
MOST_REQUESTS = 64
LARGEST = 2_000_000
"""Maximum bytes of one response."""
PATIENCE_S = 4.0
"""Seconds for opening a connection, or for the start of a response."""
PACE_S = 6.5
"""Seconds for measuring one transport's pace, all attempts together."""
TARGETS = ("fastapi", "starlette", "wsgi")
"""Targets in guide/knowledge/probe/, by their framework."""
SILENCE_S, LONG_S = 18.0, 20.0
"""Defaults in seconds. uvicorn pings a WebSocket every 20 s, so the silence must be shorter."""
SOON_S = (2.0, 5.0)
"""Seconds until the first event of an answer that takes a while, as the model or a tool does."""
FIRST_S = 30.0
"""Default in seconds of the latest first event, as after a long tool call."""
OWN_S = 30.0
"""Default in seconds for which a user's own stream is read."""
MOST_S = 300.0
"""The longest silence and the longest stream, in seconds, that the targets allow."""
IN_TURN_S = 8.0
"""More seconds for streams that are opened at the same time, of which a server may begin each after the one before."""
LARGE_S = 10.0
"""Seconds that a large message takes at most, over a slow path."""
PACES = 10
"""Paces that are measured alone: of both transports, without a header, over HTTP/2; and as a browser asks and by POST,
each up to three times."""


def longest_s(
    silence_s: float = SILENCE_S, long_s: float = LONG_S, patience_s: float = PATIENCE_S, first_s: float = FIRST_S
) -> float:
    """Maximum seconds of a probe: reaching the target, each pace, streams at the same time, a run that is resumed, the
    parallel part, what is read again for fear that we were slow, and the rest of cut streams.

    Where streams wait for each other, what is parallel otherwise goes one after another.
    """
    together_s, resumed_s, soonest_s = patience_s + IN_TURN_S + 2, 4 * patience_s, min(*SOON_S, first_s) + patience_s
    alone_s = 3 * patience_s + PACES * PACE_S + 2 * together_s + resumed_s + soonest_s
    return alone_s + max(silence_s, long_s, first_s, LARGE_S) + 3 * patience_s


def longest_in_turn_s(silence_s: float, long_s: float, first_s: float, patience_s: float = PATIENCE_S) -> float:
    """Maximum seconds of a probe of a server that serves one stream at a time."""
    return longest_s(silence_s, long_s, patience_s, first_s) + 2 * (silence_s + long_s + 2 * first_s + 6 * patience_s)


class TooMany(RuntimeError):
    """The probe exceeded its limit of requests, which is a bug of ours."""


@dataclass
class Budget:
    """Counts requests; safe to share between threads."""

    most: int = MOST_REQUESTS
    made: int = 0
    began: float = field(default_factory=time.monotonic)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def spend(self) -> None:
        """Count a request. Call before each request and each WebSocket handshake.

        Raises:
            TooMany: the limit is reached.
        """
        with self._lock:
            if self.made >= self.most:
                raise TooMany(f"a probe makes at most {self.most} requests")
            self.made += 1

    @property
    def seconds(self) -> float:
        return round(time.monotonic() - self.began, 1)


def at_once(jobs: Sequence[Callable[[], T]], within_s: float) -> list[T | None]:
    """Run jobs in parallel and return their results; None for a job over `within_s`, whose thread is left running.

    Raises:
        Exception: the first error of a job.
    """
    results: list[T | None] = [None] * len(jobs)
    failures: list[Exception] = []

    def run(n: int) -> None:
        try:
            results[n] = jobs[n]()
        except Exception as error:
            failures.append(error)

    # Daemon threads: a peer that sends single bytes must not keep the program alive.
    threads = [threading.Thread(target=run, args=(n,), daemon=True) for n in range(len(jobs))]
    for thread in threads:
        thread.start()
    ends = time.monotonic() + within_s
    for thread in threads:
        thread.join(max(0.0, ends - time.monotonic()))
    given = [*results]  # a copy: a late result changes nothing
    if failures:
        raise failures[0]
    return given
