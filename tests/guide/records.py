"""Records as the tests need them."""

from __future__ import annotations

import datetime
from typing import Any

from guide.model import Evidence, Measurement, Record
from guide.report.report import Report


def record_of(report: Report, **fields: Any) -> Record:
    """A record of what the guide recommends; where it calls it level, of the first option with a reason."""
    level = report.verdict.kind == "level"
    given: dict[str, Any] = {
        "title": "How our agent's output travels",
        "date": datetime.date(2026, 11, 23),
        "chosen": next(iter(report.names)) if level else report.verdict.choice,
        "reason": "We know it best." if level else "",
        "answers": report.raw,
    }
    return Record(**{**given, **fields})


def evidence_of_a_drop() -> Evidence:
    """Two measurements as a lab would post them."""
    common: dict[str, Any] = {"tokens": 100, "events": 104, "repeated": 0, "reconnects": 1, "finished": True}
    return Evidence(
        id="e1",
        scenario="drop",
        title="A dropped connection",
        taken=datetime.datetime(2026, 11, 23, 12, 30, tzinfo=datetime.UTC),
        runs=1,
        seed=7,
        where="one machine, loopback",
        how="Both connections were reset after 40 tokens.",
        versions={"streamlit": "1.67.0"},
        measurements=(
            Measurement(transport="sse", client="EventSource", first_token_ms=401.4, gap_p50_ms=20, lost=0, **common),
            Measurement(transport="websocket", client="naive", lost=60, **common),
        ),
    )
