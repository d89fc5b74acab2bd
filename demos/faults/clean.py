"""Ends the connection in good order (FIN), as a proxy does when its time limit is reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from demos.faults import Ending, Struck


@dataclass(frozen=True)
class Clean(Struck):
    """After so many tokens of the answer, and then so many milliseconds."""

    ending: ClassVar[Ending] = Ending.CLEAN
