"""Formats the score of the rules as plain data and as text, for `python -m guide score`."""

from __future__ import annotations

from typing import Any

from guide.decision.score import RESULTS, Score

STRENGTHS = ("decided", "leaning")


def score_as_dict(found: Score) -> dict[str, Any]:
    """The score as plain data, for `--format json`."""
    outcomes = found.outcomes
    return {
        "cases": len(outcomes),
        **{result: found.count(result) for result in RESULTS},
        "accuracy": round(found.accuracy, 4),
        "interval": [round(end, 4) for end in found.interval],
        "strengths": {name: {"right": right, "all": n} for name in STRENGTHS for right, n in [found.among(name)]},
        "families": {f: {r: found.count(r, f) for r in RESULTS} for f in sorted({o.expected[0] for o in outcomes})},
        "baselines": {name: round(value, 4) for name, value in found.baselines.items()},
        "gain": {name: round(value, 4) for name, value in found.gain.items()},
        "misses": [
            {
                "id": o.case.id,
                "system": o.case.system,
                "expected": list(o.expected),
                "found": o.verdict.choice,
                "result": o.result,
                "margin": o.verdict.margin,
                "reason_stated": o.case.reason_stated,
                "why": o.why,
            }
            for o in outcomes
            if o.result != "right"
        ],
        "skipped": [{"id": key, "why": why} for key, why in found.skipped],
    }


def score_as_text(found: Score) -> str:
    """The score for people."""
    p = score_as_dict(found)
    low, high = found.interval
    lines = [
        f"{p['cases']} cases: {p['right']} right, {p['level']} level, {p['wrong']} wrong. "
        f"Accuracy {found.accuracy:.1%} (level counts half), 95 % interval {low:.0%} to {high:.0%}."
    ]
    lines += [f"  {name}: {c['right']} of {c['all']} right" for name, c in p["strengths"].items()]
    lines += [f"  {f}: {c['right']} right, {c['level']} level, {c['wrong']} wrong" for f, c in p["families"].items()]
    lines += [
        f"  {name}: {value:.1%}, so the rules add {found.gain[name]:+.1%}" for name, value in found.baselines.items()
    ]
    for miss in p["misses"]:
        lines.append(f"{miss['result']}: {miss['id']} ({miss['system']}) chose {' or '.join(miss['expected'])}, "
                     f"the guide says {miss['found']} by {miss['margin']}: {miss['why']}")  # fmt: skip
    lines += [f"not scored: {s['id']}: {s['why']}" for s in p["skipped"]]
    return "\n".join(lines)
