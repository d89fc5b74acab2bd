"""Formats results behind proxies as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from demos.proxies.browser_view import seen, sentence
from demos.proxies.buffering.nginx import Row
from demos.proxies.expected import NAMES, TOLD, buffering_changes, outcome, shortcomings
from demos.proxies.matrix import CAN_HTTP2, Matrix, TransportResult
from demos.proxies.trials import HEARTBEAT_S, IDLE_S, TRIALS


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Format rows as lines, with columns as wide as their widest cell."""
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def as_data(matrix: Matrix, told: Sequence[str]) -> dict[str, Any]:
    """Return plain data for JSON: all readings, in figures and words. `told`: sentences on unexpected results."""
    passages = [
        {
            **asdict(passage),
            "readings": {name: _reading(passage, name) for name in passage.readings},
            "outcome": outcome(passage).model_dump(),
        }
        for passage in matrix.passages
    ]
    return {**asdict(matrix), "passages": passages, "changes": [*told], "shortcomings": shortcomings(matrix)}


def _reading(passage: TransportResult, name: str) -> dict[str, Any]:
    reading = passage.readings[name]
    found = reading.measurement
    return {**asdict(reading), "measurement": found and found.model_dump(), "seen": seen(reading)}


def as_json(matrices: Sequence[tuple[Matrix, Sequence[str]]]) -> str:
    return json.dumps([as_data(matrix, told) for matrix, told in matrices], indent=2)


def as_text(matrix: Matrix, told: Sequence[str]) -> str:
    """One proxy as two tables, what became of the streams and how fast they were; how each cut one ended; what is
    `told` about it, such as what is not as expected.
    """
    words: list[tuple[str, ...]] = [("config", "transport", *TOLD.values())]
    times: list[tuple[str, ...]] = [TIMES]
    for passage in matrix.passages:
        found = outcome(passage).model_dump()
        head = passage.config, NAMES[passage.transport]
        words.append((*head, *(str(found[field] or "-") for field in TOLD)))
        times.append((*head, *_times(passage)))
    pages = {passage.config: passage.page_refused or "yes" for passage in matrix.passages}
    about = [
        *(f"{name}: {trial.watch}" for name, trial in TRIALS.items()),
        f"a command that a page posts: {', '.join(f'{config}: {told}' for config, told in pages.items())}",
        f"limits on silence are {IDLE_S} s here where there are any; the heartbeat comes every {HEARTBEAT_S:g} s",
        *(() if CAN_HTTP2 else ("http2 is left out: install requirements/proxies.txt for it",)),
        "uvicorn pings a WebSocket every 20 s: too rarely for these limits, often enough for most real ones",
    ]
    parts = (
        [matrix.title],
        aligned(words),
        aligned(times),
        _cuts(matrix),
        _seen(matrix),
        about,
        told or ["As expected."],
    )
    return "\n\n".join("\n".join(part) for part in parts if part)


TIMES = ("config", "transport", "opened ms", "first token ms", "direct", "pieces", "direct", "later p50 ms", "max")


def _times(passage: TransportResult) -> tuple[str, ...]:
    plain = passage.readings["plain"]
    if plain.measurement is None:
        return (f"{plain.opened_ms:g}", *("-" for _ in TIMES[3:]))
    values = plain.opened_ms, plain.measurement.first_token_ms, plain.direct_first_token_ms
    pieces = plain.bursts, plain.direct_bursts, plain.delay_p50_ms, plain.delay_max_ms
    return tuple("-" if value is None else f"{value:g}" for value in (*values, *pieces))


def _cuts(matrix: Matrix) -> list[str]:
    return [
        f"cut: {passage.config}, {NAMES[passage.transport]}, {name}: at {cut.at_s:g} s: {cut.why}"
        for passage in matrix.passages
        for name, reading in passage.readings.items()
        for cut in reading.cuts
    ]


def _seen(matrix: Matrix) -> list[str]:
    """Return what a page sees of errors, one sentence each, with the trials concerned."""
    about: dict[str, list[str]] = {}
    for passage in matrix.passages:
        for name, reading in passage.readings.items():
            if told := sentence(reading):
                about.setdefault(told, []).append(f"{NAMES[passage.transport]}, {passage.config}, {name}")
    return [f"{told} ({'; '.join(where)})" for told, where in about.items()]


FRAMINGS = {"asked": "chunks if asked in 1.1", "chunks": "chunks", "close": "no chunks"}


def buffering_text(name: str, rows: Sequence[Row], direct: Row) -> str:
    """Format nginx's buffering, one line per set-up, below the result without nginx."""
    head = (name, "asks in HTTP", "server answers in", "buffering", "gzip", "X-Accel-Buffering", "first ms", "last ms")
    table: list[tuple[str, ...]] = [(*head, "pieces", "")]
    table.append(("none", *["-"] * 5, f"{direct.first_ms:g}", f"{direct.last_ms:g}", f"{direct.pieces}", direct.word))
    for row in rows:
        case = row.case
        table.append(
            (
                row.version,
                case.http_version,
                FRAMINGS[case.framing],
                "on" if case.buffering else "off",
                "on" if case.gzip else "off",
                "no" if case.accel_no else "-",
                f"{row.first_ms:g}",
                f"{row.last_ms:g}",
                f"{row.pieces}",
                row.word,
            )
        )
    return "\n".join([*aligned(table), "", *(buffering_changes(name, rows) or ["As expected."])])


def buffering_json(name: str, rows: Sequence[Row], direct: Row) -> str:
    found = [{**asdict(row), "word": row.word} for row in (direct, *rows)]
    return json.dumps({"rows": found, "changes": buffering_changes(name, rows)}, indent=2)


def printable(line: str) -> str:
    """A line in which what a server sent cannot move the cursor."""
    return "".join(mark if mark.isprintable() else "\ufffd" for mark in line)
