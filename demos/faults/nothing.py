"""Nothing happens: the connection lives as long as its ends want."""

from __future__ import annotations

from dataclasses import dataclass

from demos.faults import Ending, Quiet, Sleep


@dataclass(frozen=True)
class Nothing:
    """No settings."""

    async def strike(self, sleep: Sleep, quiet: Quiet) -> Ending:
        return Ending.NOT
