"""How much is measured: enough for figures, or just enough to see that everything runs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """How many samples each benchmark takes."""

    rounds: int
    warm_up: bool
    """Whether a round that does not count comes before them."""
    judges: bool
    """Whether goals are held against the figures."""
    steady_tokens: int
    """Of an answer at 50 tokens a second."""
    flat_out_tokens: int
    """Of an answer as fast as the model can."""
    readers: int
    """Of one run that is fanned out."""
    idle: int
    """Streams that are open and silent."""
    page_streams: int
    page_tokens: int
    """Of each of them."""
    page_loads: int
    visitors: int
    clicks: int
    page_rounds: int
    room_people: tuple[int, ...]
    """Of each workshop room; the first is what the others are held against."""
    room_rounds: int | None
    """None: all of the agenda."""
    room_most_rounds: int
    """In all, while the server's memory is watched."""
    replicas: tuple[int, ...]
    """Servers that share a log."""
    replica_streams: tuple[int, ...]
    replica_tokens: int
    """Of each of them."""
    installs_peer: bool
    """Whether LangGraph's development server is installed where it is not; else it is left out, and said to be."""


FULL = Scale(
    5,
    True,
    True,
    150,
    5000,
    500,
    400,
    20,
    300,
    7,
    5,
    24,
    2,
    (1, 60, 100),
    None,
    10,
    (1, 2, 4),
    (1, 10, 30),
    250,
    installs_peer=True,
)
QUICK = Scale(1, False, False, 10, 300, 20, 20, 4, 30, 1, 1, 5, 1, (1, 3), 1, 1, (1, 2), (2,), 10, installs_peer=False)
