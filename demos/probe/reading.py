"""What a probe asks a target for, and what it read of the answer. Opens no connection."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal
from urllib.parse import urlencode

from demos.clients.readers import milliseconds
from demos.protocol.receipts import bursts
from demos.proxies.expected import ONE_BY_ONE
from demos.proxies.trials import Transport

Method = Literal["GET", "POST"]
ONE_CODING = "gzip"
"""The Content-Encoding that is asked for, as every hop that compresses knows it, and we can unpack it."""
LATE_MS, IN_A_ROW = 250, 3
"""A pace that catches up by more ms than this was held before. So many events in a row say how late it was."""
SLOW_BYTES_PER_S = 150_000
"""A path this slow is no broken one: large events are waited for accordingly."""
TOO_LONG = "it went on and on"
"""Why a reading ended that took longer than it should."""
AS_BROWSERS = "gzip, deflate, br, zstd"
"""What Chromium and Firefox ask for over https."""


@dataclass(frozen=True)
class Asked:
    """Parameters of a stream, sent as the target's query."""

    n: int
    gap_ms: int
    silence_ms: int = 0
    heartbeat_ms: int = 0
    since: int = 0
    bare: int = 0
    """1: without X-Accel-Buffering, the response header that asks proxies not to buffer the stream."""
    first_ms: int = 0
    """Milliseconds before the first event, if more than `gap_ms`."""
    size: int = 0
    """Bytes by which the first event is larger."""
    run: int = 0
    """Number of a run, which only the instance that began it can resume; 0: none."""

    def query(self) -> str:
        return urlencode(asdict(self))

    @property
    def seconds(self) -> float:
        """Duration of the stream in seconds if nothing cuts it, over a slow path."""
        paced_ms = self.n * self.gap_ms + self.silence_ms + max(0, self.first_ms - self.gap_ms)
        return paced_ms / 1000 + self.size / SLOW_BYTES_PER_S


@dataclass(frozen=True)
class Manner:
    """How an event stream is asked for."""

    method: Method = "GET"
    codings: str = ONE_CODING
    raw: bool = False
    """Whether only the times of the pieces count, since they may be in a coding that we cannot unpack."""


@dataclass
class Reading:
    """Record of one stream. Times in milliseconds on our clock, `sent` on the target's."""

    transport: Transport
    asked: Asked
    status: int | None = None
    """HTTP status; 101 for a WebSocket. None: no response."""
    refused: str | None = None
    """Reason why opening failed; then no event was read."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Response headers; names in lower case."""
    opened_ms: float = 0.0
    started: float = 0.0
    at: list[float] = field(default_factory=list)
    seq: list[int] = field(default_factory=list)
    sent: list[float] = field(default_factory=list)
    raw: list[float] = field(default_factory=list)
    """Times of the pieces, where only they count."""
    signs: list[float] = field(default_factory=list)
    """Times of WebSocket pings, which the server sends on its own."""
    heard: float = 0.0
    """Time of the last data, heartbeats included."""
    told: Mapping[str, Any] = field(default_factory=dict)
    """The target's report on a handshake that arrived as a plain request (HTTP 426)."""
    ended: float = 0.0
    why: str = ""
    """How the connection ended before the last event."""
    timed_out: bool = False
    """No data arrived in time, and no end of the connection."""
    size: int = 0
    """Bytes of payload."""

    @property
    def whole(self) -> bool:
        """Whether the last event arrived."""
        return bool(self.seq) and self.seq[-1] == self.asked.n

    @property
    def cut_s(self) -> float | None:
        """Seconds from the first event, or from `started` without events, until the cut; None if there was no cut."""
        if self.refused or self.whole:
            return None
        begun = self.at[0] if self.at else self.started
        # After a timeout, only the time of the last event is known.
        ended = (self.at[-1] if self.at else self.started) if self.timed_out else self.ended
        return round((ended - begun) / 1000, 1)

    @property
    def first_ms(self) -> float | None:
        """Milliseconds from the request to the first event; None without an event."""
        return self.at[0] - self.started if self.at else None

    def record(self, text: str) -> None:
        """Record one event.

        Raises:
            ValueError: the target sends no such event.
        """
        now = milliseconds()
        self.size += len(text.encode())
        event: Any = json.loads(text)
        if not isinstance(event, dict):
            raise ValueError("an event that the target does not send")
        if "seq" in event:
            seq, sent = int(event["seq"]), float(event["sent_ms"])
            self.at.append(now)
            self.seq.append(seq)
            self.sent.append(sent)


def pieces(pace: Reading) -> tuple[int, int]:
    """Return in how many pieces the events arrived, and in how many the target sent them."""
    return bursts(pace.at, pace.asked.gap_ms / 2), bursts(pace.sent, pace.asked.gap_ms / 2)


def one_by_one(pace: Reading) -> bool:
    """Whether the events arrived in about as many pieces as the target sent."""
    came, sent = pieces(pace)
    return came >= ONE_BY_ONE * sent


@dataclass(frozen=True)
class CatchUp:
    """Where events that were late came closer together than they were sent, until they were less late."""

    late_ms: float
    """How much later its first event came than its last one."""
    gap_ms: float
    """Mean gap between its events as they arrived."""
    sent_gap_ms: float
    """Mean gap between its events as they were sent."""


def catch_up(pace: Reading) -> CatchUp | None:
    """Where a pace caught up most; None if that is less than LATE_MS.

    Events that came together count as their last one, for which the others waited: where our machine stood still, or a
    packet was sent again, what had waited comes at once, and nothing was caught up. One event alone is no proof either,
    so the median of a few in a row counts.
    """
    ends = _ends_of_pieces(pace)

    def late(n: int) -> float:
        return pace.at[n] - pace.sent[n]

    usual = [sorted(ends[n : n + IN_A_ROW], key=late)[IN_A_ROW // 2] for n in range(len(ends) - IN_A_ROW + 1)]
    parts = [(one, other) for n, one in enumerate(usual) for other in usual[n + IN_A_ROW :]]
    first, last = max(parts, key=lambda part: late(part[0]) - late(part[1]), default=(0, 0))
    if not parts or (fell := late(first) - late(last)) <= LATE_MS:
        return None
    arrived, sent = ((times[last] - times[first]) / (last - first) for times in (pace.at, pace.sent))
    return CatchUp(fell, arrived, sent)


def _ends_of_pieces(pace: Reading) -> list[int]:
    """For each event, the number of the last one that came together with it."""
    ends: list[int] = []
    for n in reversed(range(len(pace.at))):
        together = bool(ends) and pace.at[n + 1] - pace.at[n] < pace.asked.gap_ms / 2
        ends.insert(0, ends[0] if together else n)
    return ends
