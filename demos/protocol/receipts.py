"""Computes measurements from receipts. Pure: the same code counts receipts of the browser and of Python clients.

A receipt is what one client noted down while it read one run: when each event came, and which one it was.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from guide.model import FigureName, Measurement

MAX_EVENTS = 30_000
Milliseconds = Annotated[float, Field(ge=-1e12, le=1e13, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=10**15)]
"""As large as a position may be: what a client counted, and what others will read as JSON."""
Figure = Annotated[float, Field(ge=0, le=1e15, allow_inf_nan=False)]


class Receipt(BaseModel):
    """What one client saw of one run. Unknown keys are refused, as a misspelt one would be counted as nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    transport: Literal["sse", "websocket"]
    client: Annotated[str, Field(min_length=1, max_length=100)]
    at: tuple[Milliseconds, ...] = Field(max_length=MAX_EVENTS, description="when each event came, ms")
    seq: tuple[Count, ...] = Field(max_length=MAX_EVENTS, description="its sequence number")
    token: tuple[bool, ...] = Field(max_length=MAX_EVENTS, description="whether it was a token of the answer")
    started: Milliseconds = Field(default=0.0, description="when the run was asked for, on the clock of `at`")
    reconnects: Count = 0
    finished: bool = Field(default=False, description="whether the run's end was seen")
    thread_id: str | None = Field(
        default=None, max_length=60, description="which thread; else the one named beside the receipts"
    )
    child: str | None = Field(default=None, max_length=60, description="which child server has the run; else this one")
    run_id: str | None = Field(default=None, max_length=60, description="which run; else the thread's newest")
    counted: bool = Field(default=True, description="False: there is no run on this server to count it against")
    figures: Mapping[FigureName, Figure | None] = Field(
        default_factory=dict, max_length=20, description="what the client measured besides, each with its unit"
    )
    bytes_payload: Count | None = None
    bytes_framing: Count | None = None
    bytes_headers: Count | None = None

    @model_validator(mode="after")
    def _same_length(self) -> Self:
        if not len(self.at) == len(self.seq) == len(self.token):
            raise ValueError(f"at, seq and token differ in length: {len(self.at)}, {len(self.seq)}, {len(self.token)}")
        if any(later < earlier for earlier, later in itertools.pairwise(self.at)):
            raise ValueError("at falls: each event comes after the one before it")
        return self


def measure(receipt: Receipt, answer: Mapping[int, int] | None) -> Measurement:
    """Count one receipt against the run's own list of tokens.

    Args:
        receipt: what the client noted.
        answer: all of the answer that the run made: sequence number -> tokens in that event. None: there was no run, so
            lost and repeated tokens are unknown.
    """
    made = answer or {}
    came = [(seq, at) for seq, at, token in zip(receipt.seq, receipt.at, receipt.token, strict=True) if token]
    first: dict[int, float] = {}
    for seq, at in came:
        first.setdefault(seq, at)
    times = list(first.values())
    gaps = sorted(later - earlier for earlier, later in itertools.pairwise(times))
    return Measurement(
        transport=receipt.transport,
        client=receipt.client,
        tokens=sum(made.get(seq, 1) for seq in first),
        first_token_ms=_rounded(times[0] - receipt.started) if times else None,
        gap_p50_ms=_rounded(percentile(gaps, 50)),
        gap_p95_ms=_rounded(percentile(gaps, 95)),
        gap_max_ms=_rounded(gaps[-1] if gaps else None),
        events=len(receipt.seq),
        lost=None if answer is None else sum(tokens for seq, tokens in made.items() if seq not in first),
        repeated=None if answer is None else sum(made.get(s, 1) for s, _ in came) - sum(made.get(s, 1) for s in first),
        reconnects=receipt.reconnects,
        finished=receipt.finished,
        bytes_payload=receipt.bytes_payload,
        bytes_framing=receipt.bytes_framing,
        bytes_headers=receipt.bytes_headers,
        figures=receipt.figures,
    )


def bursts(at: Sequence[float], apart_ms: float) -> int:
    """Count pieces: an arrival less than `apart_ms` after the one before belongs to the same piece."""
    return sum(1 for later, earlier in zip(at, (-math.inf, *at), strict=False) if later - earlier >= apart_ms)


def delays(receipt: Receipt, beside: Receipt) -> list[float]:
    """Delay of each token in ms compared with another client of the same run, sorted."""
    there = dict(zip(reversed(beside.seq), reversed(beside.at), strict=True))
    came = zip(receipt.seq, receipt.at, receipt.token, strict=True)
    return sorted(at - there[seq] for seq, at, token in came if token and seq in there)


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """Nearest rank: the smallest value that at least `share` percent do not exceed. None without values."""
    if not ordered:
        return None
    return ordered[max(0, math.ceil(len(ordered) * share / 100) - 1)]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
