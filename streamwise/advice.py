"""Asks the advisor in the app: one call at a time in a thread of its own, so that streams go on meanwhile.

A verdict is pure Python and takes some milliseconds; a hundred of them at once would hold up every stream.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from demos.limits import Limits
from demos.threads.shares import Share
from guide.agents.advisor import Advisor

T = TypeVar("T")
RETRY_S = 2


class Advice:
    """The advisor with a queue in front of it, of which every address has its share."""

    def __init__(self, advisor: Advisor, limits: Limits) -> None:
        self.advisor, self.limits = advisor, limits
        self.share = Share(limits, "advice", "calls to the guide under way", RETRY_S)
        self._turn = asyncio.Lock()

    async def run(self, make: Callable[[], T]) -> T:
        """What a call of the advisor gives, when its turn has come."""
        async with self._turn:
            return await asyncio.to_thread(make)
