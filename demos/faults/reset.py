"""The connection is reset (RST), as when a process or a machine in the path dies."""

from __future__ import annotations

from dataclasses import dataclass

from demos.faults import Ending, Sleep


@dataclass(frozen=True)
class Reset:
    """After so many milliseconds from the server's first byte."""

    after_ms: float

    async def strike(self, sleep: Sleep) -> Ending:
        await sleep(self.after_ms / 1000)
        return Ending.RESET
