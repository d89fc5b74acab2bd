"""What a reader without a position is sent of a run that is over."""

from __future__ import annotations

import time

from demos.threads.runs import Run, Thread

HOLD_S = 0.5
"""Seconds that the replay of a finished run waits for a newer run to begin."""


def may_be_over(finished: Run) -> bool:
    """Whether a run's readers may be done with it. At its very end they are not: LangGraph's JavaScript SDK reads the
    lifecycle first, and then opens a second stream for the text, which must not come late."""
    just_now = finished.ended_at is None or time.monotonic() - finished.ended_at < HOLD_S
    return finished.end_delivered and not just_now


def beginning(thread: Thread) -> tuple[int, Run | None]:
    """Start position of a reader without one, and the run that it is sent although that has ended.

    An active run is read from its start. A finished one is sent to whoever is owed it: somebody was lost before its
    end, or nobody has read its end yet, or it ended so recently that a slow client may only now arrive. Else the
    reader waits for the next run: always replaying would give a client's second turn the end of its first.
    """
    run = thread.run
    if run is None:
        return thread.log.last, None
    if run.ended_at is None:
        return run.base, None
    recent = time.monotonic() - run.ended_at < thread.limits.replay_seconds
    if run.owed or recent or not run.end_delivered:
        return run.base, run
    return thread.log.last, None
