"""What a probe asks a target for, and what it read of the answer. Opens no connection."""

from __future__ import annotations

import itertools
import json
import math
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
LATE_MS, FASTER, CAUGHT_UP = 250, 0.15, 1 / 3
"""A pace was held if it caught up by more ms than the first, and came faster than it was sent by the second, a share.
One event catches up by at most the third, a share of the gap: after a stop it would by nearly all of it."""
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
    """Where events that were held came closer together than they were sent, from the first to the last of them."""

    late_ms: float
    """By how much longer the first was on its way than the last."""
    gap_ms: float
    """Mean gap between them as they arrived."""
    sent_gap_ms: float
    """Mean gap between them as they were sent."""


def catch_up(pace: Reading) -> CatchUp | None:
    """Where a pace was held and then caught up most; None if by no more than LATE_MS, or hardly faster than sent.

    It begins with the first event, or after a silence: without one, it is a queue on the way that fills and drains.
    Events that come together count as one, with the delay of the last, and of each only a part counts: after a stop of
    our machine, or when a packet was sent again, what had waited comes in a few pieces, and no hop gathers it.
    """
    places, delays = _delays(pace)
    found: CatchUp | None = None
    for one, begins in enumerate(places):
        if one and pace.at[places[one - 1] + 1] - pace.at[places[one - 1]] <= LATE_MS:
            continue  # no silence before it
        for other, ends in enumerate(places[one + 1 :], one + 1):
            fell, sent_ms = delays[one] - delays[other], pace.sent[ends] - pace.sent[begins]
            if fell > max(LATE_MS, FASTER * sent_ms):
                arrived_ms, events = pace.at[ends] - pace.at[begins], ends - begins
                if found is None or sent_ms - arrived_ms > found.late_ms:
                    found = CatchUp(sent_ms - arrived_ms, arrived_ms / events, sent_ms / events)
    return found


def _delays(pace: Reading) -> tuple[list[int], list[float]]:
    """The last event of each piece that arrived, and its delay against the first piece, in ms, where a fall counts in
    part: by no more than CAUGHT_UP of the gap for each event of the piece."""
    gaps = (later - earlier for earlier, later in itertools.pairwise(pace.at))
    places = [n for n, gap in enumerate([*gaps, math.inf]) if gap >= pace.asked.gap_ms / 2] if pace.at else []
    delays = [0.0] * len(places[:1])
    for before, n in itertools.pairwise(places):
        rise = (pace.at[n] - pace.at[before]) - (pace.sent[n] - pace.sent[before])
        delays.append(delays[-1] + max(rise, -(n - before) * CAUGHT_UP * pace.asked.gap_ms))
    return places, delays
