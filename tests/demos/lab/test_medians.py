from __future__ import annotations

import json
from typing import Any

from demos.lab.medians import results, together
from demos.lab.report import as_json
from demos.lab.runner import Report, Result
from tests.demos.measurements import ONE


def run(number: int, client: str = "c", **more: Any) -> Result:
    return Result(number, ONE.model_copy(update={"client": client, **more}))


def test_each_client_is_one_measurement_with_least_and_most() -> None:
    first, second = together(
        [
            run(1, tokens=7, lost=3, gap_p50_ms=2.0, figures={"wire_bytes": 100.0}),
            run(1, client="d"),
            run(2, tokens=9, lost=0, gap_p50_ms=None, figures={"wire_bytes": 300.0}, finished=False),
            run(2, client="d"),
        ]
    )
    assert (first.client, second.client) == ("c", "d")
    assert (first.tokens, first.lost, first.gap_p50_ms) == (7, 0, 2.0)  # the lower of two counts: one that was counted
    assert (first.figures["wire_bytes"], first.finished, second.finished) == (200.0, False, True)
    assert (first.spread["lost"].least, first.spread["lost"].most, first.spread["lost"].runs) == (0, 3, 2)
    assert first.spread["gap_p50_ms"].runs == 1
    assert (second.spread["tokens"].least, second.spread["tokens"].most) == (1, 1)


def test_what_no_run_could_measure_is_not_measured() -> None:
    (found,) = together([run(1, lost=None, figures={"wait_s": None}), run(2, lost=None, figures={"wait_s": None})])
    assert (found.lost, found.figures) == (None, {"wait_s": None})
    assert not {"lost", "wait_s"} & set(found.spread)


def test_a_single_run_stays_as_it_is() -> None:
    assert together([run(1, lost=4)]) == [run(1, lost=4).measurement]


def test_a_report_that_was_printed_is_read_again() -> None:
    made = (run(1, figures={"stop_ms": 3.25, "wait_s": None}), run(2))
    printed = as_json(Report("drop", "Drop", "Watch.", 1, 2, "here", "by hand", {"python": "3"}, made))
    assert results(json.loads(printed)) == list(made)
