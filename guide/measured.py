"""Evidence as a section of the record: what was run, where and how often, and a table of what each client saw."""

from __future__ import annotations

import datetime

from guide.document import Line, Paragraph, Section, Table, clean, line
from guide.model import Evidence, Measurement


def measured(evidence: Evidence) -> Section:
    """Times in milliseconds; a dash stands for what could not be measured."""
    runs = "One run" if evidence.runs == 1 else f"{evidence.runs} runs"
    mark = "" if evidence.verified else " Loaded from a file; not verified here."
    taken = f"{evidence.taken.astimezone(datetime.UTC):%Y-%m-%d %H:%M} UTC"
    how = line(evidence.how, f" {runs}, seed {evidence.seed}, {taken}, ", evidence.where, f".{mark}")
    counts = ("Transport", "Client", "Tokens", "Lost", "Repeated", "Reconnects")
    table = Table(
        (*counts, "First token", "Gap p50", "Gap p95", "Longest gap"),
        tuple(map(_measurement, evidence.measurements)),
        numbers=tuple(range(2, 10)),
    )
    versions = ", ".join(f"{name} {version}" for name, version in evidence.versions.items())
    after = (Paragraph(line(f"Versions: {versions}.")),) if versions else ()
    return Section(clean(f"Measured: {evidence.title}"), (Paragraph(how), table, *after))


def _measurement(m: Measurement) -> tuple[Line, ...]:
    times = (m.first_token_ms, m.gap_p50_ms, m.gap_p95_ms, m.gap_max_ms)
    counts = (m.transport, m.client, m.tokens, m.lost, m.repeated, m.reconnects)
    return (*(line(str(c)) for c in counts), *(line("–" if t is None else f"{t:.0f} ms") for t in times))
