"""An event loop whose clock stands still while work is done, and jumps to the next timer when nothing else is left.

For tests of timers that need no socket and no thread: an hour takes no time, and a slow machine changes nothing.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar


class _Jumping(selectors.SelectSelector):
    """Adds what the loop would have waited to its clock, and does not wait."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("the test waits for something that no timer brings")
        self.now += max(timeout, 0.0)
        return super().select(0)


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._clock = _Jumping()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.now


Found = TypeVar("Found")


def run(act: Coroutine[Any, Any, Found]) -> Found:
    """What `act` returns, in virtual time. Raises RuntimeError where it would wait for ever."""
    with asyncio.Runner(loop_factory=_Loop) as runner:
        return runner.run(act)
