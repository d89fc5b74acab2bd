"""Formats a measured report as text for a terminal, or as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence

from demos.lab.runner import Report, flat, spreads

LEFT_OUT = {"events", "finished", "bytes_payload", "bytes_framing", "bytes_headers"}
"""Only in the JSON, to save width on a terminal."""


def as_json(report: Report) -> str:
    """Format the report as JSON: each result as one flat object, and the spreads over all runs."""
    results = [{"run": result.run, **flat(result.measurement)} for result in report.results]
    together = [vars(one) for one in spreads(report.results)]
    return json.dumps({**vars(report), "results": results, "spreads": together}, indent=2)


def as_text(report: Report) -> str:
    """Format the report as a table; after several runs, with a second table of spreads."""
    flats = [{"run": result.run, **flat(result.measurement)} for result in report.results]
    told = [key for key in dict.fromkeys(key for row in flats for key in row) if key not in LEFT_OUT]
    columns = [key for key in told if any(row.get(key) is not None for row in flats)]
    rows = [columns, *([_cell(row.get(column)) for column in columns] for row in flats)]
    runs = "a single run" if report.runs == 1 else f"{report.runs} runs"
    about = [f"{report.title}: {report.watch}", "", *_table(rows)]
    if report.runs > 1:
        about += ["", f"Median [least..most] of {runs}:", "", *_table(_spread(report, columns))]
    about += ["", f"{runs} per client, seed {report.seed}. {report.where}. {report.how}."]
    return "\n".join([*about, ", ".join(f"{name} {version}" for name, version in report.versions.items())])


def _spread(report: Report, columns: Sequence[str]) -> list[list[str]]:
    found = {(one.transport, one.client, one.figure): one for one in spreads(report.results)}
    who = list(dict.fromkeys((transport, client) for transport, client, _ in found))
    rows = [["figure", *(client for _, client in who)]]
    for figure in columns:
        if figure in ("run", "transport", "client"):
            continue
        all_ = [found.get((*one, figure)) for one in who]
        cells = [f"{_cell(s.median)} [{_cell(s.least)}..{_cell(s.most)}]" if s else "-" for s in all_]
        rows.append([figure, *cells])
    return rows


def _cell(value: object) -> str:
    return "-" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
