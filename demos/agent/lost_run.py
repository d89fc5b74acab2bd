"""A run whose writer was lost, as whoever goes on with it knows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from demos.agent.steering import Heard
from demos.protocol.run_options import Settings


@dataclass(frozen=True)
class LostRun:
    """What the agent needs to make the rest of an answer."""

    id: str
    question: str
    answered: Mapping[str, Any]
    """Responses of a human: interrupt id -> response."""
    settings: Settings
    heard: Heard
    """Input for the run, rewound to its beginning."""
    said: int
    """Tokens of the answer that its readers have: the script makes these again without a pause."""
