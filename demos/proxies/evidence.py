"""Converts a matrix to evidence for the record: one measurement for each configuration and transport."""

from __future__ import annotations

from demos.evidence import make
from demos.proxies.expected import NAMES, TOLD, outcome
from demos.proxies.matrix import FIRST, Matrix, TransportResult
from demos.proxies.trials import SEED, TRIALS
from guide.model import Evidence, Measurement


def proof(matrix: Matrix, program: str) -> Evidence:
    """Return the results behind one proxy, in words and figures.

    Args:
        program: the proxy that ran, as versions are listed.
    """
    tried = "; ".join(f"{name}: {TRIALS[name].watch}" for name in matrix.tried)
    became = " ".join(f"{NAMES[one.transport]}, {one.config}: {_told(one)}." for one in matrix.passages)
    how = f"Each run was read through the proxy and straight from the server at once ({tried}). {became}"
    return make(
        scenario=f"proxy-{matrix.name}-{matrix.version}",
        title=f"behind {matrix.title}",
        how=how,
        measurements=[_measured(passage) for passage in matrix.passages],
        seed=SEED,
        client={program: matrix.version},
    )


def _told(passage: TransportResult) -> str:
    found = outcome(passage).model_dump()
    return "; ".join(f"{told}: {found[field]}" for field, told in TOLD.items() if found[field])


def _measured(passage: TransportResult) -> Measurement:
    """Return the first trial as a measurement, with the results of the others as further figures."""
    plain = passage.readings[FIRST]
    others = [reading for name, reading in passage.readings.items() if name != FIRST]
    figures: dict[str, float | None] = {"opened_ms": plain.opened_ms}
    if plain.measurement is None:
        # `how` says with which refusal.
        nothing = {"tokens": 0, "events": 0, "reconnects": 0, "finished": False}
        return Measurement(transport=passage.transport, client=passage.config, figures=figures, **nothing)  # type: ignore[arg-type]
    figures |= {"pieces": plain.bursts, "pieces_direct": plain.direct_bursts, "later_p50_ms": plain.delay_p50_ms}
    if others:
        figures["cuts"] = sum(len(reading.cuts) for reading in others)
    client = f"{plain.measurement.client}, {passage.config}"
    gaps = dict.fromkeys(("gap_p50_ms", "gap_p95_ms", "gap_max_ms"))  # `pieces` says it, and a table is only so wide
    return plain.measurement.model_copy(update={"client": client, "figures": figures, **gaps})
