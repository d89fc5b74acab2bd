"""Counters of one process: plain numbers, incremented where things happen. Computes nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Counters:
    """Counts that only increase. For what is open or stored at the moment, ask the object that stores it."""

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
    """Frames of the event stream, messages of the WebSocket; without the bytes of HTTP chunks and frame headers."""
    replays: int = 0
    """Readers that started behind the newest event."""
    replayed_events: int = 0
    gaps: int = 0
    """Gaps reported to readers: events were evicted before the reader came back."""
