"""Drafts of a run, and a clock that a test moves on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from demos.protocol.events import Draft


class Clock:
    """Time that a test moves on."""

    def __init__(self) -> None:
        self.now, self.calls = 0.0, list[list[Any]]()

    def later(self, seconds: float, call: Callable[[], None]) -> Clock.Handle:
        self.calls.append(entry := [self.now + seconds, call])
        return Clock.Handle(self, entry)

    class Handle:
        def __init__(self, clock: Clock, entry: list[Any]) -> None:
            self._clock, self._entry = clock, entry

        def cancel(self) -> None:
            self._clock.calls.remove(self._entry)

    def until(self, now: float) -> None:
        while due := [entry for entry in self.calls if entry[0] <= now + 1e-12]:
            entry = min(due, key=lambda each: each[0])
            self.calls.remove(entry)
            self.now = entry[0]
            entry[1]()
        self.now = now


def text(said: str, id: str = "m1", index: int = 0) -> Draft:
    data = {"event": "content-block-delta", "id": id, "index": index, "delta": {"type": "text-delta", "text": said}}
    return Draft("messages", data, node="answer")


ANY_DRAFT = st.one_of(
    st.builds(text, st.text("xyz", min_size=1, max_size=3), st.sampled_from(("m1", "m2")), st.integers(0, 1)),
    st.builds(lambda n: Draft("custom", {"payload": n}), st.integers()),
)
