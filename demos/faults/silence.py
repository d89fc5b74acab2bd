"""The path goes silent without a word to either end, as when a laptop sleeps or a NAT forgets."""

from __future__ import annotations

from dataclasses import dataclass

from demos.faults import Ending, Sleep


@dataclass(frozen=True)
class Silence:
    """After so many milliseconds from the server's first byte."""

    after_ms: float

    async def strike(self, sleep: Sleep) -> Ending:
        await sleep(self.after_ms / 1000)
        return Ending.SILENT
