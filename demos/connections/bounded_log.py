"""Bounds what strangers can make the process log: length and rate of lines, and no traceback for what they cause."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

STREAMLIT = "streamlit."
"""Beginning of the names of Streamlit's loggers, each of which has a handler of its own."""
LOGGERS = ("uvicorn.error", "asyncio", "demos.threads.runs", "demos.server.tutorial", "demos.server.backend")
"""Whose lines requests can cause."""
MOST_CHARS = 500
"""Characters of one line; a traceback comes besides."""
MOST_LINES, PERIOD_S = 10, 60.0
"""Lines of one kind in so many seconds. The next one after that says how many were left out."""
OURS = "ASGI callable returned without completing handshake."
"""What uvicorn says when a handshake is refused: by us, and on purpose."""
THEIRS = ("Invalid UTF-8 sequence", "socket.accept() out of system resource", "Invalid HTTP request")
"""Beginnings of lines about what a client did, whose traceback leads nowhere."""


@dataclass
class _Kind:
    since: float
    lines: int = 0
    left_out: int = 0


class BoundedLog(logging.Filter):
    """Filter of one logger. A kind of line is its format, before values are filled in."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._kinds: dict[str, _Kind] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        if said.startswith(OURS):
            return False
        now, kind = self._clock(), str(record.msg)[:MOST_CHARS]
        if kind not in self._kinds and len(self._kinds) >= MOST_LINES * MOST_LINES:
            self._kinds.clear()  # each line is of its own kind: then all are counted anew
        seen = self._kinds.setdefault(kind, _Kind(now))
        if now - seen.since >= PERIOD_S:
            left_out, self._kinds[kind] = seen.left_out, (seen := _Kind(now))
            said = f"{said} ({left_out} more like it were left out)" if left_out else said
        seen.lines += 1
        if seen.lines > MOST_LINES:
            seen.left_out += 1
            return False
        if said.startswith(THEIRS):
            record.exc_info = record.exc_text = None
        record.msg, record.args = said if len(said) <= MOST_CHARS else f"{said[:MOST_CHARS]} ...", ()
        return True


@contextmanager
def bounded_logs(names: Collection[str] = LOGGERS) -> Iterator[None]:
    """Bound the lines of all these loggers, and of those that Streamlit has by now, while the block lasts."""
    theirs = [name for name in logging.root.manager.loggerDict if name.startswith(STREAMLIT)]
    filters = {logging.getLogger(name): BoundedLog() for name in (*names, *theirs)}
    for logger, bound in filters.items():
        logger.addFilter(bound)
    try:
        yield
    finally:
        for logger, bound in filters.items():
            logger.removeFilter(bound)
