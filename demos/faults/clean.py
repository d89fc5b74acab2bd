"""Ends the connection in good order (FIN), as a proxy does when its time limit is reached."""

from __future__ import annotations

from dataclasses import dataclass

from demos.faults import Ending, Passed, Quiet, Sleep, moment


@dataclass(frozen=True)
class Clean:
    """After so many tokens of the answer, and then so many milliseconds, earlier or later by up to the spread.

    Without tokens the milliseconds count from the server's first byte.
    """

    after_ms: float
    spread_ms: float = 0
    seed: int = 0
    after_tokens: int = 0

    async def strike(self, sleep: Sleep, quiet: Quiet, passed: Passed) -> Ending:
        await passed(self.after_tokens)
        await sleep(moment(self.after_ms, self.spread_ms, self.seed))
        return Ending.CLEAN
