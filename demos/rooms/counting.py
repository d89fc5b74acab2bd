"""Counts what one browser noted of a round against the server's run. Pure.

Lateness needs no clock that two machines share. Each event says when it was made; how much later than the promptest one
it came is the path's doing, and the server's. What all of a room met at one event is the server's, and is taken off.
"""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from demos.protocol.receipts import Count, Milliseconds, Receipt, measure, percentile

Transport = Literal["sse", "websocket"]
TRANSPORTS: tuple[Transport, ...] = ("sse", "websocket")
MOST_EVENTS = 2_000
MOST_CUTS = 20
SLACK_MS = 60_000.0
"""By how much longer than the run somebody may have read: a silent connection is noticed late."""
REPLAY_MS = 300.0
"""Before a client notices a cut, events that are made reach nobody. They come later, by the cut's doing."""
LEAST_FOR_SHARED = 3
"""People at one event from whom on what they share is known."""


class RoomReceipt(BaseModel):
    """What one browser saw of a round over one transport. Times are milliseconds of its own clock."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    transport: Transport
    client: str = Field(min_length=1, max_length=40)
    at: tuple[Milliseconds, ...] = Field(max_length=MOST_EVENTS)
    seq: tuple[Count, ...] = Field(max_length=MOST_EVENTS)
    token: tuple[bool, ...] = Field(max_length=MOST_EVENTS)
    started: Milliseconds = Field(default=0.0, description="when its stream was opened")
    reconnects: Annotated[int, Field(ge=0, le=1000)] = 0
    finished: bool = False
    resume: bool = True
    blocked: bool = False
    downs: tuple[tuple[Milliseconds, Milliseconds | None], ...] = Field(default=(), max_length=MOST_CUTS)
    bytes: Count = 0

    def plain(self) -> Receipt:
        """The same as any client's receipt. Raises ValueError where its lists do not fit together."""
        return Receipt(
            transport=self.transport,
            client=self.client,
            at=self.at,
            seq=self.seq,
            token=self.token,
            started=self.started,
            reconnects=self.reconnects,
            finished=self.finished,
        )


@dataclass(frozen=True)
class RunFacts:
    """What the server knows of a run."""

    answer: Mapping[int, int]
    """Sequence number of each event of the answer -> its tokens."""
    stamps: Mapping[int, float]
    """Sequence number -> when the event was made, wall clock in ms."""

    @property
    def began_ms(self) -> float:
        return min(self.stamps.values(), default=0.0)


@dataclass(frozen=True)
class Counted:
    """Figures of one person over one transport. None: there is none."""

    tokens: int
    lost: int
    repeated: int
    cuts: int
    finished: bool
    resume: bool
    blocked: bool
    first_token_ms: float | None
    """From the run's first event, as this stream heard it, to the first token."""
    first_token_at: float | None
    """When the first token came, on the browser's clock: for comparing its two streams."""
    longest_gap_ms: float | None
    back_ms: float | None
    """From the first cut to the next new token."""
    bytes: int
    delays: Mapping[int, float]
    """Sequence number -> how much later than the promptest event it came, ms. Left out: what a cut held back, and what
    was made before the stream was open."""
    downs: tuple[tuple[float, float | None], ...]
    """When there was no connection: milliseconds after the run began."""


def count(receipt: RoomReceipt, run: RunFacts) -> Counted:
    """Count one receipt. Raises ValueError where its lists do not fit together."""
    measured = measure(receipt.plain(), run.answer)
    arrived = dict(zip(reversed(receipt.seq), reversed(receipt.at), strict=True))  # when each came first
    _check_times(receipt, run)
    offset = min((at - run.stamps[seq] for seq, at in arrived.items() if seq in run.stamps), default=0.0)
    tokens = {seq: at for seq, at in arrived.items() if seq in run.answer}
    times = sorted(tokens.values())
    first = times[0] if times else None
    heard = sorted(arrived.values())  # of all events: a tool's silence comes before the first token
    gaps = [later - earlier for earlier, later in itertools.pairwise(heard)]
    return Counted(
        tokens=measured.tokens,
        lost=measured.lost or 0,
        repeated=measured.repeated or 0,
        cuts=len(receipt.downs),
        finished=receipt.finished,
        resume=receipt.resume,
        blocked=receipt.blocked,
        first_token_ms=_first(receipt, tokens, run, offset),
        first_token_at=first,
        longest_gap_ms=round(max(gaps), 1) if gaps else None,
        back_ms=_back(receipt, tokens),
        bytes=receipt.bytes,
        delays=_delays(receipt, arrived, run, offset),
        downs=tuple(
            (start - offset - run.began_ms, None if end is None else end - offset - run.began_ms)
            for start, end in receipt.downs
        ),
    )


def _check_times(receipt: RoomReceipt, run: RunFacts) -> None:
    """Raises ValueError: its times span more than the run can have taken."""
    times = [*receipt.at, *(edge for down in receipt.downs for edge in down if edge is not None)]
    spans = max(times, default=0.0) - min(times, default=0.0)
    most = max(run.stamps.values(), default=0.0) - run.began_ms + SLACK_MS
    if spans > most:
        raise ValueError(f"its times span {spans:.0f} ms, the run {most - SLACK_MS:.0f} ms")


def _first(receipt: RoomReceipt, tokens: Mapping[int, float], run: RunFacts, offset: float) -> float | None:
    """From the run's first event to the first token; None where these were made before the stream was open."""
    if not tokens or run.began_ms + offset < receipt.started:
        return None
    return round(min(tokens.values()) - min(receipt.at), 1)


def _back(receipt: RoomReceipt, tokens: Mapping[int, float]) -> float | None:
    if not receipt.downs:
        return None
    cut = receipt.downs[0][0]
    return min((round(at - cut, 1) for at in tokens.values() if at > cut), default=None)


def _delays(receipt: RoomReceipt, arrived: Mapping[int, float], run: RunFacts, offset: float) -> dict[int, float]:
    found = {}
    for seq, at in arrived.items():
        if (made := run.stamps.get(seq)) is None:
            continue
        here = made + offset
        if here < receipt.started:
            continue  # it was there before the stream
        if not any(start - REPLAY_MS <= here <= (at if end is None else end) for start, end in receipt.downs):
            found[seq] = at - here
    return found


def lateness(room: Mapping[int, Mapping[Transport, Counted]]) -> dict[int, dict[Transport, float]]:
    """Lateness of each person over each transport: the 95th percentile of what is the path's own, in ms.

    At each event, the median delay of all streams is what the server did to everybody. It is taken off.
    """
    met: dict[int, list[float]] = {}
    for counted in room.values():
        for one in counted.values():
            for seq, delay in one.delays.items():
                met.setdefault(seq, []).append(delay)
    shared = {seq: statistics.median(delays) for seq, delays in met.items() if len(delays) >= LEAST_FOR_SHARED}
    found: dict[int, dict[Transport, float]] = {}
    for number, counted in room.items():
        for transport, one in counted.items():
            late = sorted(max(0.0, delay - shared.get(seq, 0.0)) for seq, delay in one.delays.items())
            if (worst := percentile(late, 95)) is not None:
                found.setdefault(number, {})[transport] = round(worst, 1)
    return found


def median(values: Sequence[float]) -> float | None:
    return round(statistics.median(values), 1) if values else None
