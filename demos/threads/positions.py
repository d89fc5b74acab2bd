"""Positions in a thread's log, as clients name them: which log, and after which event."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from demos.protocol.errors import Refusal, invalid
from demos.threads.event_log import Gap
from demos.threads.runs import Thread

_POSITION = re.compile(r"((?P<epoch>[0-9A-Za-z]{1,40})-)?(?P<seq>[0-9]{1,15})")


@dataclass(frozen=True)
class Position:
    """A place in a log: after the event with this number."""

    seq: int
    epoch: str = ""
    """Name of the log; empty for a bare number, which does not say."""

    def within(self, thread: Thread) -> int:
        """Return the number, if it is one of the thread's log.

        A bare number may be of the log that a thread of this id had before a restart. It is taken for one of this log
        if somebody was told of a position as high in it; a number that nobody can know is from elsewhere.

        Raises:
            Refusal: it is of another log, or ahead of this one: what follows there would be spliced to what was read.
        """
        log = thread.log
        if self.seq > log.last and self.epoch in ("", log.epoch):
            # A reader that waits there would never get an event.
            raise Refusal(410, "position_ahead", str(Gap(self.seq, log.oldest, log.last)))
        if self.seq > thread.told if not self.epoch else self.epoch != log.epoch and self.seq > 0:
            raise Refusal(
                410,
                "other_log",
                f"Position {self.seq} is of another log of this thread, from before a restart or before it was made "
                "again. Nothing here can follow it. Read from the beginning: since=0.",
            )
        return self.seq


def position(given: Any, name: str = "The position") -> Position | None:
    """Parse a `since` or a Last-Event-ID: `12`, or `EPOCH-12` as in an event's id. Returns None if not given.

    `name` is its name in error messages.

    Raises:
        Refusal: neither.
    """
    if given is None or given == "":
        return None
    found = None if isinstance(given, bool) else _POSITION.fullmatch(str(given))
    if found is None:
        raise invalid(
            f"{name} {str(given)!r:.60} is not one of ours. Allowed: an event's id, or a sequence number, 0 or more."
        )
    return Position(int(found["seq"]), found["epoch"] or "")
