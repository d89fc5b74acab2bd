"""Builds the record's evidence sections: what was run, where and how often; figures down, clients across."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from guide.model import Evidence, Measurement
from guide.record.document import Block, Line, Paragraph, Section, Table, clean, line

MOST_CLIENTS = 4
"""Columns of one table. Further clients have a table of their own, so that no column is too narrow to read."""
FIGURE = "Figure"
NAMES = {"sse": "SSE", "websocket": "WebSocket"}
LEFT_OUT = {"approve": frozenset({"first_token_ms"}), "stop": frozenset({"lost"})}
"""By scenario, figures that say something else than their name: there a human thinks before the first token comes, and
what is not sent after a stop is not lost."""
NEVER_BACK = frozenset({"naive", "fetch, one POST"})
"""Clients that do not come back after a cut: that they saw no end is what they show."""
COMES_TO_AN_END = frozenset({"plain", "drop", "silence", "approve", "steer", "viewer"})
"""Scenarios whose run goes on to its end, so that the server can count what each client got of it."""


def measured(evidence: Evidence) -> Section:
    """Times in milliseconds; a dash stands for what could not be measured."""
    runs = "One run" if evidence.runs == 1 else f"Median of {evidence.runs} runs [least..most]"
    mark = "" if evidence.verified else " Loaded from a file; not verified here."
    taken = f"{evidence.taken.astimezone(datetime.UTC):%Y-%m-%d %H:%M} UTC"
    how = line(evidence.how, f" {runs}, seed {evidence.seed}, {taken}, ", evidence.where, f".{mark}")
    versions = ", ".join(f"{name} {version}" for name, version in evidence.versions.items())
    after: tuple[Block, ...] = (Paragraph(line(f"Versions: {versions}.")),) if versions else ()
    return Section(clean(f"Measured: {evidence.title}"), (Paragraph(how), *_tables(evidence), *after))


def spoiled(evidence: Evidence) -> bool:
    """Whether the run shows nothing: it was broken off, or the server could not count what came of it."""
    if evidence.scenario in COMES_TO_AN_END:
        return any(m.lost is None or not (m.finished or m.client in NEVER_BACK) for m in evidence.measurements)
    return not any(_counted(m) for m in evidence.measurements)


def _counted(measurement: Measurement) -> bool:
    further = any(value is not None for value in measurement.figures.values())
    return bool(measurement.tokens) or measurement.lost is not None or further


def _tables(evidence: Evidence) -> Iterator[Table]:
    figures = [one for one in _figures(evidence) if any(one.value(m) is not None for m in evidence.measurements)]
    for first in range(0, len(evidence.measurements), MOST_CLIENTS):
        some = evidence.measurements[first : first + MOST_CLIENTS]
        yield Table(
            (FIGURE, *map(_client, some)),
            tuple((line(one.title), *(one.cell(m, evidence.runs) for m in some)) for one in figures),
            numbers=tuple(range(1, 1 + len(some))),
        )


def _client(measurement: Measurement) -> str:
    """The transport, and who read it where the name does not say so by itself."""
    transport, client = NAMES[measurement.transport], measurement.client
    return clean(client if client.startswith(transport) else f"{transport}, {client}")


@dataclass(frozen=True)
class MeasuredFigure:
    """One figure of every client. The end of its name is its unit."""

    name: str
    title: str
    further: bool = False

    def value(self, measurement: Measurement) -> float | None:
        found: float | None = measurement.figures.get(self.name) if self.further else getattr(measurement, self.name)
        return found

    def cell(self, measurement: Measurement, runs: int) -> Line:
        """One number where all runs agree; else with least and most, and in how many it could be measured."""
        told = _told(self.name, self.value(measurement))
        found = measurement.spread.get(self.name)
        if found is None:
            return line(told)
        if found.least != found.most:
            told += f" [{_told(self.name, found.least, False)}..{_told(self.name, found.most, False)}]"
        return line(told if found.runs == runs else f"{told}, {found.runs} of {runs}")


FIGURES = (
    MeasuredFigure("tokens", "Tokens"),
    MeasuredFigure("lost", "Lost"),
    MeasuredFigure("repeated", "Repeated"),
    MeasuredFigure("reconnects", "Reconnects"),
    MeasuredFigure("first_token_ms", "First token"),
    MeasuredFigure("gap_p50_ms", "Gap p50"),
    MeasuredFigure("gap_p95_ms", "Gap p95"),
    MeasuredFigure("gap_max_ms", "Longest gap"),
)


def _figures(evidence: Evidence) -> Iterator[MeasuredFigure]:
    out = LEFT_OUT.get(evidence.scenario, frozenset())
    yield from (figure for figure in FIGURES if figure.name not in out)
    for name, label in evidence.labels.items():
        yield MeasuredFigure(name, label, further=True)


def _told(name: str, value: float | None, with_unit: bool = True) -> str:
    """A figure with its unit; whole numbers, except those so small that a decimal matters."""
    if value is None:
        return "–"
    unit = {"ms": " ms", "s": " s", "bytes": " B", "times": " ×"}.get(name.rpartition("_")[2], "")
    number = f"{value:.1f}" if unit and value < 10 and value != int(value) else f"{value:,.0f}"
    return number + unit if with_unit else number
