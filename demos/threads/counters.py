"""Counters of one process: plain numbers, incremented where things happen. Computes nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Counters:
    """Counts that only rise. What is open or kept at the moment is asked of whoever keeps it."""

    runs_started: int = 0
    runs_ended: Counter[str] = field(default_factory=Counter)
    """By outcome."""
    events: int = 0
    """Written to logs."""
    event_bytes: int = 0
    """Their JSON, encoded once for all readers."""
    tokens: int = 0
    """Made by the model."""
    opened: Counter[str] = field(default_factory=Counter)
    """Event streams, by transport."""
    closed: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By transport and reason."""
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Streams that were not let in, by transport and code."""
    sent_events: Counter[str] = field(default_factory=Counter)
    sent_bytes: Counter[str] = field(default_factory=Counter)
    """Frames of the event stream, messages of the WebSocket; what HTTP chunks or frame headers add is not in it."""
    replays: int = 0
    """Readers that began behind the newest event."""
    replayed_events: int = 0
    gaps: int = 0
    """Readers that were told that events are missing: evicted before they came back."""
