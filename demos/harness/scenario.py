"""Defines a scenario: what is run, what happens to its connections, who is measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from demos.faults import Fault, seeded
from demos.harness.excerpt import Excerpt
from demos.harness.testbed import EVENT_STREAM, NAIVE_WEBSOCKET, WEBSOCKET, MeasurementSetup, Subject
from demos.processes.demo_server import SERVE
from demos.protocol.run_options import Pace

Group = Literal["start", "failures", "agents", "limits"]
WARM_UP_TOKENS = 3
STEADY = Pace(rate=30, first_token_ms=300)


@dataclass(frozen=True)
class Scenario:
    """One scenario: the run, its faults, its subjects and its figures."""

    order: int
    """Position in the list of scenarios; those of a group follow each other."""
    group: Group = field(kw_only=True)
    """Heading under which the lab offers it."""
    subjects: tuple[Subject, ...] = (EVENT_STREAM, WEBSOCKET, NAIVE_WEBSOCKET)
    question: str = "What happens to a stream when the connection is lost?"
    pace: Pace = STEADY
    n_tokens: int = 60
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Further settings of the run."""
    faults: tuple[Fault, ...] = ()
    """The first connection gets the first fault, and so on; later connections get none."""
    means: str = ""
    """Description of the method, for scenarios without a relay and faults."""
    figures: tuple[str, ...] = ()
    """Names of figures in addition to those of every receipt; the last part of a name is the unit."""
    code: tuple[Excerpt, ...] = ()
    """Code that explains the results."""
    child: Mapping[str, str] | None = None
    """Environment of the child server that the page needs; None: the app's own server is enough."""
    children: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """The same for each choice of the page, where it differs by one."""
    command: tuple[str, ...] = SERVE
    """Arguments of Python that start that server."""

    def configurable(self, seed: int) -> dict[str, Any]:
        """Return the run's settings, as a client sends them."""
        pace = {"rate": self.pace.rate, "first_token_ms": self.pace.first_token_ms, "jitter": self.pace.jitter}
        return {"seed": seed, "n_tokens": self.n_tokens, **pace, **self.settings}

    def setup(self, seed: int, warm_up: bool = False) -> MeasurementSetup:
        """Return the set-up of one measurement, with this random seed."""
        settings = self.configurable(seed)
        if warm_up:
            short = {**settings, "n_tokens": WARM_UP_TOKENS, "silence_ms": 0}
            return MeasurementSetup(self.question, short, seed, (), self.n_tokens, warm_up)
        faults = [seeded(fault, seed) for fault in self.faults]
        return MeasurementSetup(self.question, settings, seed, faults, self.n_tokens)
