"""What the streaming benchmark says of its samples: medians, ratios within a run, goals, a table. Pure."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

OURS, PEER, BARE, INSIDE = "ours", "LangGraph", "bare Starlette", "in process"
COLUMNS = (OURS, PEER, BARE, INSIDE)


@dataclass(frozen=True)
class Goal:
    """What a figure should reach; both parts on the median."""

    at_most: float = math.inf
    """Of our own figure, in its unit."""
    ratio: float = 0.0
    """At least so many times as good as what it is held against."""

    def __str__(self) -> str:
        parts = [f"at most {self.at_most:g}"] if self.at_most < math.inf else []
        return " and ".join(parts + ([f"ratio {self.ratio:g}"] if self.ratio else [])) or "-"


@dataclass
class Row:
    """One figure over one transport: a sample a round from each of those who were measured."""

    figure: str
    transport: str
    unit: str
    better: Literal["less", "more"]
    against: str = ""
    """Whom the ratio is taken against; a ratio above 1 says that ours is better."""
    goal: Goal = Goal()
    samples: dict[str, list[float]] = field(default_factory=dict)

    def note(self, who: str, sample: float) -> None:
        self.samples.setdefault(who, []).append(sample)

    @property
    def ratios(self) -> list[float]:
        """Round by round, so that what else the machine did falls on both sides."""
        pairs = zip(self.samples.get(OURS, ()), self.samples.get(self.against, ()), strict=False)
        return [theirs / ours if self.better == "less" else ours / theirs for ours, theirs in pairs]

    @property
    def met(self) -> bool | None:
        """None: no goal is set, or nothing was measured."""
        ours, ratios = self.samples.get(OURS), self.ratios
        if self.goal == Goal() or not ours or (self.goal.ratio and not ratios):
            return None
        near = statistics.median(ours) <= self.goal.at_most
        return near and (not self.goal.ratio or statistics.median(ratios) >= self.goal.ratio)

    def as_json(self) -> dict[str, Any]:
        return {
            "figure": self.figure,
            "transport": self.transport,
            "unit": self.unit,
            "samples": self.samples,
            "against": self.against,
            "ratios": self.ratios,
            "goal": str(self.goal),
            "met": self.met,
        }


def percentile(samples: Sequence[float], share: float) -> float:
    """The smallest sample that so many per cent of all do not exceed.

    Raises:
        ValueError: there are no samples.
    """
    if not samples:
        raise ValueError("no samples")
    return sorted(samples)[max(0, math.ceil(len(samples) * share / 100) - 1)]


def spread(samples: Sequence[float]) -> str:
    """Median [least..most], with the digits that mean something; a dash for nothing."""
    if not samples:
        return "-"
    return f"{_short(statistics.median(samples))} [{_short(min(samples))}..{_short(max(samples))}]"


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def table(rows: Sequence[Row]) -> str:
    """Every row under one heading, columns in line."""
    verdicts = {True: "met", False: "MISSED", None: "-"}
    lines: list[tuple[str, ...]] = [("figure", "over", *COLUMNS, "ratio", "against", "goal", "")]
    for row in rows:
        cells = [spread(row.samples.get(who, ())) for who in COLUMNS]
        about = (spread(row.ratios), row.against or "-", str(row.goal), verdicts[row.met])
        lines.append((f"{row.figure}, {row.unit}", row.transport, *cells, *about))
    widths = [max(len(line[n]) for line in lines) for n in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )
