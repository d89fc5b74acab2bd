"""Resets the connection (RST), as when a process or a machine in the path dies."""

from __future__ import annotations

from dataclasses import dataclass

from demos.faults import Ending, Quiet, Sleep, moment


@dataclass(frozen=True)
class Reset:
    """After so many milliseconds from the server's first byte, earlier or later by up to the spread."""

    after_ms: float
    spread_ms: float = 0
    seed: int = 0

    async def strike(self, sleep: Sleep, quiet: Quiet) -> Ending:
        await sleep(moment(self.after_ms, self.spread_ms, self.seed))
        return Ending.RESET
