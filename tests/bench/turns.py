"""Taking turns: everybody in every round, in the opposite order every other round, the first round discarded."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from tests.bench.figures import Goal, Row
from tests.bench.scale import Scale

TURN_S = 60.0
"""A turn that takes longer hangs."""

Turn = Callable[[], Awaitable[None]]


class Bench:
    """Takes turns, and keeps what they say."""

    def __init__(self, scale: Scale) -> None:
        self.scale = scale
        self.rows: list[Row] = []
        self.missing: list[str] = []
        """What could not be measured, and why."""

    def row(self, *about: Any, **more: Any) -> Row:
        row = Row(*about, **more)
        if not self.scale.judges:
            row.goal = Goal()
        self.rows.append(row)
        return row

    async def rounds(self, turns: dict[str, Turn], rows: Iterable[Row]) -> None:
        """Every turn in every round. A turn notes its samples itself; those of the warm-up are dropped."""
        rows = list(rows)
        for number in range(0 if self.scale.warm_up else 1, self.scale.rounds + 1):
            for name, turn in list(turns.items())[:: -1 if number % 2 else 1]:
                gc.collect()
                try:
                    await asyncio.wait_for(turn(), TURN_S)
                except Exception as error:
                    self.missing.append(f"{name}, round {number}: {type(error).__name__}: {error}")
            if number == 0:
                for row in rows:
                    row.samples.clear()
