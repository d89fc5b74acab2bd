"""Joins text before the log (leading edge): the first piece at once, the rest of a short window as one event.

    at 50 tokens/s     |a      |b      |c          each piece is the first of its window: nothing merges, nothing waits
    flat out           |a      |bcdefgh|ijklmno    one event per window; a reader must keep up with 125 events/s

It runs before the log, so that all readers, also after a reconnect, see the same events with the same numbers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from demos.protocol.events import Draft

Key = tuple[tuple[str, ...], object, object]
"""Namespace, message, block: only text of the same block is joined."""


class Handle(Protocol):
    """A scheduled call."""

    def cancel(self) -> None: ...


Later = Callable[[float, Callable[[], None]], Handle]
"""Schedules a call: (seconds, call) -> its handle."""


def _later(seconds: float, call: Callable[[], None]) -> Handle:
    return asyncio.get_running_loop().call_later(seconds, call)


class Coalescer:
    """Passes drafts on, in order; joins text that comes faster than one piece per window."""

    def __init__(self, publish: Callable[[Draft], None], window_s: float, later: Later = _later) -> None:
        """`window_s`: length of a window in seconds; 0 joins nothing."""
        self._publish, self._window_s, self._later = publish, window_s, later
        self._window: Handle | None = None
        self._held: dict[Key, list[Draft]] = {}

    @property
    def tokens(self) -> int:
        """Tokens of the answer that are held."""
        return sum(draft.pieces for drafts in self._held.values() for draft in drafts if draft.is_token)

    def add(self, draft: Draft) -> None:
        """Pass a draft on: now, or joined with others at the end of the window."""
        if not self._window_s or draft.text is None:
            self.flush()
            self._publish(draft)
        elif self._window is None:
            self._publish(draft)
            self._window = self._later(self._window_s, self._over)
        else:
            key = (draft.namespace, draft.data.get("id"), draft.data.get("index"))
            self._held.setdefault(key, []).append(draft)

    def flush(self) -> None:
        """Pass on the held text before the next draft, to keep the order."""
        if self._held:
            held, self._held = self._held, {}
            for drafts in held.values():
                self._publish(joined(drafts))

    def close(self) -> None:
        """Pass on the held text, and cancel the timer."""
        self.flush()
        if self._window is not None:
            self._window.cancel()
            self._window = None

    def _over(self) -> None:
        self._window = self._later(self._window_s, self._over) if self._held else None
        self.flush()


def joined(drafts: list[Draft]) -> Draft:
    """Join several pieces of one block's text into one draft."""
    if len(drafts) == 1:
        return drafts[0]
    first = drafts[0]
    text = "".join(draft.text or "" for draft in drafts)
    data = {**first.data, "delta": {**first.data["delta"], "text": text}}
    return replace(first, data=data, pieces=sum(draft.pieces for draft in drafts))
