"""Injects faults at the endpoint: the server does to its own streams what the relay does to a TCP connection.

So they work on the app's single port, also for remote browsers. They do not show a fault of the path itself: the server
knows of the cut, and no proxy between fails. Measured runs use the relay (`demos.harness.relay`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from demos.connections.open_streams import CutReason, OpenStream
from demos.faults import Ending, Fault, Passage, Sleep

CUTS = {Ending.CLEAN: CutReason.CLEAN, Ending.RESET: CutReason.RESET}


@dataclass
class Plan:
    """Faults for the streams of one thread: the first fault for each transport's first stream, and so on."""

    faults: Sequence[Fault]
    every: bool
    """All streams get the first fault, including reconnects."""
    met: dict[str, int] = field(default_factory=dict)

    def next(self, transport: str) -> Fault | None:
        place = self.met.get(transport, 0)
        self.met[transport] = place + 1
        place = 0 if self.every else place
        return self.faults[place] if place < len(self.faults) else None


class EndpointFaults:
    """The plans of all threads; starts the faults of new streams."""

    def __init__(self, most: int, sleep: Sleep = asyncio.sleep) -> None:
        """`most`: maximum number of plans; the oldest is removed first."""
        self._most, self._sleep = most, sleep
        self._plans: dict[str, Plan] = {}

    def plan(self, thread_id: str, faults: Sequence[Fault], every: bool) -> None:
        """Set the faults for new streams of this thread, not for open ones. An empty list removes the plan."""
        self._plans.pop(thread_id, None)
        if faults:
            self._plans[thread_id] = Plan(faults, every)
        while len(self._plans) > self._most:
            del self._plans[next(iter(self._plans))]

    def meet(self, stream: OpenStream) -> None:
        """Start the fault of a new stream, if it has one."""
        plan = self._plans.get(stream.thread_id)
        fault = plan.next(stream.transport) if plan else None
        if fault is not None:
            passage = Passage()
            stream.wrote = passage.add
            strike = asyncio.create_task(self._strike(stream, fault, passage))
            stream.task.add_done_callback(lambda _: strike.cancel())

    async def _strike(self, stream: OpenStream, fault: Fault, passage: Passage) -> None:
        ending = await fault.strike(self._sleep, stream.quiet, passage.passed)
        if ending is Ending.SILENT:
            stream.muted = True
        elif ending is not Ending.NOT:
            stream.cut(CUTS[ending])
