"""Converts a measuring client's reading to what a page's script would see, which is much less.

A measuring client sees a status, or how a connection ended. EventSource tells its script of an `error` and of its
`readyState`, WebSocket of a close code (HTML, section 9.2.2; WebSockets, section 4): tests/browser/test_through.py.
"""

from __future__ import annotations

import re
from typing import Literal

from demos.proxies.trials import Reading
from guide.book import book

Seen = Literal[
    "refused-sse", "refused-websocket", "cut-sse", "given-up-sse", "cut-websocket", "closed-websocket", "nothing"
]
"""A word of `proxies.browser.*`."""


def seen(reading: Reading) -> Seen:
    """Return what a page's script sees of a reading.

    refused-sse         an error, and readyState CLOSED: EventSource does not come back, and knows no status
    refused-websocket   an error and close code 1006, no status
    cut-sse             an error, and readyState CONNECTING: EventSource comes back by itself, with Last-Event-ID
    given-up-sse        the same, and then an error and CLOSED: coming back was answered with an error status
    cut-websocket       close code 1006: nothing comes back unless the page's code does it
    closed-websocket    the close code that the other side sent
    nothing             no event but those of the answer
    """
    if not reading.asked or not (reading.refused or reading.cuts):
        return "nothing"
    if reading.transport == "sse":  # where no answer came at all, it tries again
        if any(cut.why.startswith("HTTP ") for cut in reading.cuts):
            return "given-up-sse"
        return "refused-sse" if (reading.refused or "").startswith("HTTP ") else "cut-sse"
    if reading.refused:
        return "refused-websocket"
    return "closed-websocket" if close_code(reading) else "cut-websocket"


def sentence(reading: Reading) -> str | None:
    """The same as a sentence; None if there is nothing to report."""
    found = seen(reading)
    return None if found == "nothing" else book().words[f"proxies.browser.{found}"].format(code=close_code(reading))


def close_code(reading: Reading) -> int | None:
    """Return the close code of the first cut; None if there was no close frame."""
    found = re.fullmatch(r"close code (\d+)", reading.cuts[0].why) if reading.cuts else None
    return int(found[1]) if found and found[1] != "1005" else None
