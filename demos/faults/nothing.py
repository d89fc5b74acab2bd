"""Does nothing: the connection lives until client or server closes it."""

from __future__ import annotations

from dataclasses import dataclass

from demos.faults import Ending, Passed, Quiet, Sleep


@dataclass(frozen=True)
class Nothing:
    """No settings."""

    async def strike(self, sleep: Sleep, quiet: Quiet, passed: Passed) -> Ending:
        return Ending.NOT
