"""What a reader without a position is sent of a run that is over."""

from __future__ import annotations

import time

from demos.threads.runs import Run, Thread

HOLD_S = 0.5
"""Seconds that the replay of a finished run waits for a newer run to begin."""


def beginning(thread: Thread) -> tuple[int, Run | None]:
    """Start position of a reader without one, and the finished run behind which a newer one may begin at once.

    An active run is read from its start. A finished one is sent to whoever is owed it: somebody was lost before its
    end, or nobody has read its end yet, or it ended so recently that a slow client may only now arrive. Else the
    reader waits for the next run: always replaying would give a client's second turn the end of its first.
    """
    run = thread.run
    if run is None:
        return thread.log.last, None
    if run.ended_at is None or not run.end_delivered:
        return run.base, None
    passed_s = time.monotonic() - run.ended_at
    if run.owed or run.owed_elsewhere or passed_s < thread.limits.replay_seconds:
        # At its very end its readers are not done with it: LangGraph's JavaScript SDK reads the lifecycle first, and
        # then opens a second stream for the text, which must not come late.
        return run.base, run if passed_s >= HOLD_S else None
    return thread.log.last, None
