"""The connection is ended in good order (FIN), as by a proxy whose time limit is up."""

from __future__ import annotations

from dataclasses import dataclass

from demos.faults import Ending, Sleep


@dataclass(frozen=True)
class Clean:
    """After so many milliseconds from the server's first byte."""

    after_ms: float

    async def strike(self, sleep: Sleep) -> Ending:
        await sleep(self.after_ms / 1000)
        return Ending.CLEAN
