"""Builds the record's evidence section: what was run, where and how often, and a table of each client's results."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from guide.model import Evidence, Measurement
from guide.record.document import Line, Paragraph, Section, Table, clean, line


def measured(evidence: Evidence) -> Section:
    """Times in milliseconds; a dash stands for what could not be measured."""
    runs = "One run" if evidence.runs == 1 else f"Median of {evidence.runs} runs [least..most]"
    mark = "" if evidence.verified else " Loaded from a file; not verified here."
    taken = f"{evidence.taken.astimezone(datetime.UTC):%Y-%m-%d %H:%M} UTC"
    how = line(evidence.how, f" {runs}, seed {evidence.seed}, {taken}, ", evidence.where, f".{mark}")
    columns = [one for one in _columns(evidence) if any(one.value(m) is not None for m in evidence.measurements)]
    table = Table(
        ("Transport", "Client", *(column.title for column in columns)),
        tuple(
            (line(m.transport), line(m.client), *(c.cell(m, evidence.runs) for c in columns))
            for m in evidence.measurements
        ),
        numbers=tuple(range(2, 2 + len(columns))),
    )
    versions = ", ".join(f"{name} {version}" for name, version in evidence.versions.items())
    after = (Paragraph(line(f"Versions: {versions}.")),) if versions else ()
    return Section(clean(f"Measured: {evidence.title}"), (Paragraph(how), table, *after))


@dataclass(frozen=True)
class Column:
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


COLUMNS = (
    Column("tokens", "Tokens"),
    Column("lost", "Lost"),
    Column("repeated", "Repeated"),
    Column("reconnects", "Reconnects"),
    Column("first_token_ms", "First token"),
    Column("gap_p50_ms", "Gap p50"),
    Column("gap_p95_ms", "Gap p95"),
    Column("gap_max_ms", "Longest gap"),
)


def _columns(evidence: Evidence) -> Iterator[Column]:
    yield from COLUMNS
    for name, label in evidence.labels.items():
        yield Column(name, label, further=True)


def _told(name: str, value: float | None, with_unit: bool = True) -> str:
    """A figure with its unit; whole numbers, except those so small that a decimal matters."""
    if value is None:
        return "–"
    unit = {"ms": " ms", "s": " s", "bytes": " B", "times": " ×"}.get(name.rpartition("_")[2], "")
    number = f"{value:.1f}" if unit and value < 10 and value != int(value) else f"{value:,.0f}"
    return number + unit if with_unit else number
