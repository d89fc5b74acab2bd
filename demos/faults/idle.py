"""Cuts the connection after a time without data, as load balancers and proxies do: no close frame, no last chunk."""

from __future__ import annotations

from dataclasses import dataclass

from demos.faults import Ending, Passed, Quiet, Sleep, idle


@dataclass(frozen=True)
class Idle:
    """After so many milliseconds without a byte towards the client. Heartbeats are bytes."""

    idle_ms: float

    async def strike(self, sleep: Sleep, quiet: Quiet, passed: Passed) -> Ending:
        await idle(self.idle_ms, sleep, quiet)
        return Ending.RESET
