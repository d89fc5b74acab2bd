"""Connection faults, one per file: a dataclass of settings, and a method that returns the ending.

    first byte from the server ---- strike() ----> Ending ----> the relay (TCP) or an endpoint carries it out
A fault waits for tokens of the answer, then for milliseconds: a slow machine is cut at the same word. It knows no
protocol and no socket; the relay or the endpoint counts the tokens. `nothing.py` is the pattern to copy.
"""

from __future__ import annotations

import asyncio
import dataclasses
import importlib
import math
import pkgutil
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Protocol

from demos.protocol.errors import invalid
from demos.protocol.run_options import LARGEST_SEED

Sleep = Callable[[float], Awaitable[None]]
"""Seconds. A parameter, so that tests need no time."""
Quiet = Callable[[], float]
"""For how many seconds nothing has passed towards the client."""
Passed = Callable[[int], Awaitable[None]]
"""Returns once so many tokens of the answer have passed towards the client."""
LONGEST_MS = 600_000.0
WHOLE = ("seed", "after_tokens")
"""Settings that are whole numbers."""


class Ending(StrEnum):
    """How a connection ends. The relay translates it to TCP: FIN, RST or nothing at all."""

    NOT = "not"
    CLEAN = "clean"
    RESET = "reset"
    SILENT = "silent"
    """No more data arrives, without notice: both ends treat the connection as alive."""


class Fault(Protocol):
    """A fault of a connection."""

    async def strike(self, sleep: Sleep, quiet: Quiet, passed: Passed) -> Ending:
        """Called when the server's first byte passes; returns when the connection is to end, and how."""


class Passage:
    """Counts the tokens that have passed on one connection. Whoever forwards them adds them."""

    def __init__(self) -> None:
        self._count = 0
        self._more = asyncio.Event()

    def add(self, tokens: int) -> None:
        if tokens:
            self._count += tokens
            self._more.set()

    async def passed(self, tokens: int) -> None:
        """Return once so many have passed."""
        while self._count < tokens:
            self._more.clear()
            await self._more.wait()


def moment(after_ms: float, spread_ms: float, seed: int) -> float:
    """Return the time of a fault in seconds: `after_ms`, plus or minus up to `spread_ms`; equal for equal seeds."""
    return max(0.0, after_ms + spread_ms * random.Random(seed).uniform(-1, 1)) / 1000


@dataclass(frozen=True)
class Struck:
    """Ends a connection after so many tokens of the answer, and then so many milliseconds, give or take the spread.

    Without tokens the milliseconds count from the server's first byte.
    """

    after_ms: float
    spread_ms: float = 0
    seed: int = 0
    after_tokens: int = 0
    ending: ClassVar[Ending]
    """How; each fault says it."""

    async def strike(self, sleep: Sleep, quiet: Quiet, passed: Passed) -> Ending:
        await passed(self.after_tokens)
        await sleep(moment(self.after_ms, self.spread_ms, self.seed))
        return self.ending


def seeded(fault: Fault, seed: int) -> Fault:
    """Return the fault with a run's seed; a fault without randomness stays unchanged."""
    fields: Any = fault
    return dataclasses.replace(fields, seed=seed) if hasattr(fault, "seed") else fault


def faults() -> dict[str, type[Any]]:
    """Every fault by the name of its file."""
    found: dict[str, type[Any]] = {}
    for module in pkgutil.iter_modules(__path__):
        name = f"{__name__}.{module.name}"
        held = vars(importlib.import_module(name)).values()
        # What a file imports is no fault of it.
        found[module.name] = next(kind for kind in held if isinstance(kind, type) and kind.__module__ == name)
    return found


def read(given: Any) -> Fault:
    """A fault as a client names it: `{"fault": "reset", "after_ms": 1200}`.

    Raises:
        Refusal: no such fault or setting, or a value that is no number in its range.
    """
    if not isinstance(given, Mapping):
        raise invalid(f"A fault is an object with `fault` and its settings. Allowed: {', '.join(faults())}.")
    settings = dict(given)
    kind = faults().get(str(settings.pop("fault", None)))
    if kind is None:
        raise invalid(f"{given.get('fault')!r:.60} is no fault. Allowed: {', '.join(faults())}.")
    known = {field.name for field in dataclasses.fields(kind)}
    for key, value in settings.items():
        if key not in known:
            allowed = ", ".join(sorted(known))
            raise invalid(f"The fault {given['fault']} has no setting {key!r:.60}. Allowed: {allowed}.")
        most = LARGEST_SEED if key == "seed" else LONGEST_MS  # the same seed goes to the run and to its fault
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
            raise invalid(f"{key} of the fault {given['fault']} is {value!r:.60}. Allowed: 0 to {most:.0f}.")
    missing = [
        field.name
        for field in dataclasses.fields(kind)
        if field.name not in settings and field.default is dataclasses.MISSING
    ]
    if missing:
        raise invalid(f"The fault {given['fault']} lacks {', '.join(missing)}. Allowed: 0 to {LONGEST_MS:g}.")
    made: Fault = kind(**{key: int(value) if key in WHOLE else value for key, value in settings.items()})
    return made


async def idle(limit_ms: float, sleep: Sleep, quiet: Quiet) -> None:
    """Return once nothing has passed for so long."""
    while (left := limit_ms / 1000 - quiet()) > 0 and not math.isclose(left, 0, abs_tol=1e-4):
        await sleep(left)
