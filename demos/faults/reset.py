"""Resets the connection (RST), as when a process or a machine in the path dies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from demos.faults import Ending, Struck


@dataclass(frozen=True)
class Reset(Struck):
    """After so many tokens of the answer, and then so many milliseconds."""

    ending: ClassVar[Ending] = Ending.RESET
