"""One file, one scenario: its `SCENARIO`. The file name is the id. A file without one is a mistake, and says so."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass, field
from typing import Any

from demos.faults import Fault
from demos.settings import Pace

STEADY = Pace(rate=30, first_token_ms=300)


@dataclass(frozen=True)
class Scenario:
    """What is run, what happens to its connections, and what to watch."""

    title: str
    watch: str
    """One or two sentences: where to look, and what it will show."""
    question: str = "What happens to a stream when the connection is lost?"
    pace: Pace = STEADY
    n_tokens: int = 60
    faults: tuple[Fault, ...] = field(default=())
    """The first connection meets the first, and so on; connections after that meet none."""

    def configurable(self, seed: int) -> dict[str, Any]:
        """The run's settings, as a client sends them."""
        return {
            "seed": seed,
            "rate": self.pace.rate,
            "first_token_ms": self.pace.first_token_ms,
            "jitter": self.pace.jitter,
            "n_tokens": self.n_tokens,
        }


def scenarios() -> dict[str, Scenario]:
    """Every scenario by id.

    Raises:
        AttributeError: a file here holds no `SCENARIO`.
    """
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return {name: importlib.import_module(f"{__name__}.{name}").SCENARIO for name in names}
