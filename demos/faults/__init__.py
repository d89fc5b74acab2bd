"""One file, one fault: a frozen dataclass of settings in milliseconds, and one method that says how a connection ends.

    first byte from the server ---- strike() ----> Ending ----> the relay (TCP) or an endpoint carries it out
A fault knows no protocol and no socket. `nothing.py` is the pattern to copy.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Protocol

Sleep = Callable[[float], Awaitable[None]]
"""Seconds. A parameter, so that tests need no time."""


class Ending(StrEnum):
    """How a connection ends. Whoever carries it translates: TCP into FIN, RST or nothing at all."""

    NOT = "not"
    CLEAN = "clean"
    RESET = "reset"
    SILENT = "silent"
    """Nothing more arrives, and nobody is told: both ends believe that the connection is alive."""


class Fault(Protocol):
    """Something that happens to a connection."""

    async def strike(self, sleep: Sleep) -> Ending:
        """Called when the server's first byte passes; returns when the connection is to end, and how."""
