"""JSON.

For programs, and for opening the record here again. `record` is what is read back; the rest repeats, for readers of the
file, what the rules said on the day.
"""

from __future__ import annotations

import json
from typing import Any

from guide.model import Record
from guide.record import FORMAT
from guide.report import Cited, Report

MIME = "application/json"
SUFFIX = "json"


def render(report: Report, record: Record) -> bytes:
    document = {
        "format": FORMAT,
        "rules": {"version": report.version, "hash": report.hash},
        "record": record.model_dump(mode="json"),
        "verdict": verdict(report),
        "sources": [
            {
                "number": cited.number,
                "fact": cited.id,
                "claim": cited.fact.claim,
                "figure": cited.fact.figure,
                "checked": cited.fact.checked.isoformat(),
                "basis": cited.fact.basis,
                "scope": cited.fact.scope,
                "source": [source.model_dump() for source in cited.fact.source],
            }
            for cited in report.sources
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2).encode()


def verdict(report: Report) -> dict[str, Any]:
    """The verdict as plain data; what `python -m guide decide` prints."""
    v = report.verdict
    return {
        "choice": v.choice,
        "kind": v.kind,
        "name": report.name,
        "strength": v.strength,
        "margin": v.margin,
        "pattern": v.pattern,
        "headline": report.headline,
        "sentence": report.sentence,
        "standings": [{"option": s.option, "points": s.points, "ruled_out": s.ruled_out} for s in v.standings],
        "reasons": [
            {
                "question": r.question,
                "said": r.said,
                "option": r.option,
                "force": r.force.value,
                "because": r.because,
                "supports": r.supports,
                "facts": _ids(r.cited),
            }
            for r in (*report.reasons, *report.against)
        ],
        "needs": [{"id": n.id, "title": n.title, "what": n.what, "facts": _ids(n.cited)} for n in report.needs],
        "turns": [{"when": t.when, "becomes": t.becomes, "answers": t.answers} for t in report.turns],
        "unknowns": list(v.unknowns),
        "missing": list(v.missing),
        "settled": v.settled,
        "rules": {"version": report.version, "hash": report.hash},
    }


def _ids(cited: tuple[Cited, ...]) -> list[str]:
    return [c.id for c in cited]
