"""Stops all data without notice to client or server, as when a laptop sleeps or a NAT entry expires."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from demos.faults import Ending, Struck


@dataclass(frozen=True)
class Silence(Struck):
    """After so many tokens of the answer, and then so many milliseconds."""

    ending: ClassVar[Ending] = Ending.SILENT
