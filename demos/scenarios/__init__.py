"""One file, one scenario: its `SCENARIO`. The file name is the id. A file without one is a mistake, and says so.

    demos/scenarios/NAME.py            what is measured without a browser, and which code made the difference
    demos/browser/scenarios/NAME.js    what the lab's page does; catalog.js beside it lists it
    guide/knowledge/words/en/scenario-NAME.yaml    every word of it on screen
A fact that a scenario shows names it in `see`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from demos.faults import Fault
from demos.harness.excerpt import Excerpt
from demos.harness.testbed import EVENT_STREAM, NAIVE_WEBSOCKET, WEBSOCKET, Subject
from demos.protocol.run_options import Pace

STEADY = Pace(rate=30, first_token_ms=300)


@dataclass(frozen=True)
class Scenario:
    """What is run, what happens to its connections, and who is measured."""

    order: int
    """Its place among the others."""
    subjects: tuple[Subject, ...] = (EVENT_STREAM, WEBSOCKET, NAIVE_WEBSOCKET)
    question: str = "What happens to a stream when the connection is lost?"
    pace: Pace = STEADY
    n_tokens: int = 60
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Further settings of the run."""
    faults: tuple[Fault, ...] = ()
    """The first connection meets the first, and so on; connections after that meet none."""
    means: str = ""
    """What is done where no relay stands between and faults are not what happens."""
    figures: tuple[str, ...] = ()
    """What is measured beyond what every client's receipt says; the last part of a name is the unit."""
    code: tuple[Excerpt, ...] = ()
    """The lines that made the difference."""
    child: Mapping[str, str] | None = None
    """The environment of the child process that the page needs; None: the app's own server carries it."""

    def configurable(self, seed: int) -> dict[str, Any]:
        """The run's settings, as a client sends them."""
        pace = {"rate": self.pace.rate, "first_token_ms": self.pace.first_token_ms, "jitter": self.pace.jitter}
        return {"seed": seed, "n_tokens": self.n_tokens, **pace, **self.settings}


def scenarios() -> dict[str, Scenario]:
    """Every scenario by id, in order.

    Raises:
        AttributeError: a file here holds no `SCENARIO`.
    """
    names = [module.name for module in pkgutil.iter_modules(__path__)]
    found: dict[str, Scenario] = {name: importlib.import_module(f"{__name__}.{name}").SCENARIO for name in names}
    return dict(sorted(found.items(), key=lambda pair: (pair[1].order, pair[0])))
