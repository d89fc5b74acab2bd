"""Writes readings as lines of JSON while trials run, and reads them back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

from demos.proxies.buffering.nginx import Case, Row
from demos.proxies.catalog import Binary
from demos.proxies.matrix import EVERYTHING, Matrix, TransportResult, Watch
from demos.proxies.trials import ObservedCut, Reading
from guide.model import Measurement

OWN = ("config", "transport", "limits_silence", "page_refused")
"""Fields of a TransportResult in each line."""


def watched(binary: Binary, name: str, title: str, write: Callable[[str], object]) -> Watch:
    """Return a callback that writes each reading as one line."""

    def watch(passage: TransportResult, trial: str) -> None:
        reading = passage.readings[trial]
        found = reading.measurement
        told = {**asdict(reading), "measurement": found and found.model_dump()}
        about = {"name": name, "title": title, "version": binary.version}
        own = {key: getattr(passage, key) for key in OWN}
        write(json.dumps({**about, **own, "trial": trial, "reading": told}))

    return watch


def row_line(row: Row) -> str:
    """Encode one result of `demos.proxies.buffering.nginx` as a line."""
    return json.dumps({"row": asdict(row)})


def lines(text: str) -> list[dict[str, Any]]:
    """Parse the JSON lines of a process's output so far; skips other text and an incomplete line."""
    whole = text.splitlines() if text.endswith("\n") else text.splitlines()[:-1]
    return [json.loads(line) for line in whole if line.startswith("{")]


def matrices(told: Iterable[dict[str, Any]], tried: tuple[str, ...] = EVERYTHING) -> list[Matrix]:
    """Build the matrices so far, one per version, in the order of the lines."""
    found: dict[tuple[str, str, str], dict[tuple[str, str], TransportResult]] = {}
    for line in told:
        if "reading" not in line:
            continue
        passages = found.setdefault((line["name"], line["title"], line["version"]), {})
        passage = passages.setdefault(
            (line["config"], line["transport"]), TransportResult(**{key: line[key] for key in OWN})
        )
        passage.readings[line["trial"]] = _reading(line["reading"])
    return [Matrix(*about, tuple(passages.values()), tried) for about, passages in found.items()]


def _reading(told: dict[str, Any]) -> Reading:
    measured = told["measurement"]
    return Reading(
        **{
            **told,
            "measurement": measured and Measurement.model_validate(measured),
            "cuts": tuple(ObservedCut(**cut) for cut in told["cuts"]),
            "at_ms": tuple(told["at_ms"]),
            "direct_at_ms": tuple(told["direct_at_ms"]),
        }
    )


def rows(told: Iterable[dict[str, Any]]) -> list[Row]:
    """Return every measured set-up, in the order of the lines."""
    found = (line["row"] for line in told if "row" in line)
    return [Row(**{**row, "case": Case(**row["case"])}) for row in found]
