"""Combines all runs of each client into one measurement: the median of every figure, with minimum and maximum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from demos.lab.runner import Result, spreads
from guide.model import Measurement, Spread

OWN = frozenset(Measurement.model_fields) - {"figures", "spread"}


def together(results: Sequence[Result]) -> list[Measurement]:
    """Return one measurement per client. A single run stays unchanged; a figure that no run could measure is None."""
    clients: dict[tuple[str, str], list[Measurement]] = {}
    for result in results:
        clients.setdefault((result.measurement.transport, result.measurement.client), []).append(result.measurement)
    return [all_[0] if len(all_) == 1 else _median(all_) for all_ in clients.values()]


def _median(all_: Sequence[Measurement]) -> Measurement:
    found = {one.figure: one for one in spreads([Result(run, one) for run, one in enumerate(all_, 1)])}
    first = all_[0]
    middle = {name: one.median for name, one in found.items()}
    own = {name: middle.get(name) for name in OWN if name not in ("transport", "client", "finished")}
    figures = dict.fromkeys(name for one in all_ for name in one.figures)
    spread = {name: Spread(least=one.least, most=one.most, runs=one.runs) for name, one in found.items()}
    who = {"transport": first.transport, "client": first.client, "finished": all(one.finished for one in all_)}
    further = {"figures": {name: middle.get(name) for name in figures}, "spread": spread}
    return Measurement.model_validate(own | who | further)


def results(report: Mapping[str, Any]) -> list[Result]:
    """Read the results of a report in JSON, which has all figures on one level."""
    found = []
    for row in report["results"]:
        own = {name: value for name, value in row.items() if name in OWN}
        figures = {name: value for name, value in row.items() if name not in OWN and name != "run"}
        found.append(Result(row["run"], Measurement(**own, figures=figures)))
    return found
