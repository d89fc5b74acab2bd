"""Joining in mid-answer without a browser, and when a newcomer counts as level."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from demos.lab.runner import experiment
from demos.protocol.receipts import Receipt
from demos.scenarios.viewer import SCENARIO, caught_up_ms
from tests.known import known


def receipt(at: Sequence[float], seq: Sequence[int], started: float = 0) -> Receipt:
    return Receipt(transport="sse", client="c", at=tuple(at), seq=tuple(seq), token=(True,) * len(at), started=started)


FIRST = receipt([10, 20, 30, 40], [1, 2, 3, 4])


@pytest.mark.parametrize(
    ("at", "seq", "after"),
    [
        ([31, 32, 33], [1, 2, 3], 8),  # level with what the first one had at 33
        ([31, 32, 41, 42], [1, 2, 3, 4], 17),  # one more had come meanwhile
        ([31, 32], [1, 2], None),  # never level
        ([31, 41], [3, 4], None),  # it lacks the beginning
        ([], [], None),
    ],
)
def test_a_newcomer_is_level_once_it_has_all_that_the_first_one_has(
    at: list[int], seq: list[int], after: int | None
) -> None:
    assert caught_up_ms(FIRST, receipt(at, seq, started=25)) == after


def test_the_log_decides_what_a_newcomer_sees() -> None:
    report = experiment("viewer", SCENARIO, runs=1, seed=2)
    assert len(report.results) == 4
    for result in report.results:
        found = result.measurement
        assert known(found.figures["joined_at"]) > 10
        if "no log" in found.client:
            assert known(found.lost) >= 30
            assert found.figures["caught_up_ms"] is None
        else:
            assert (found.lost, found.repeated) == (0, 0)
            assert known(found.figures["replayed"]) > known(found.figures["joined_at"])
            assert known(found.figures["caught_up_ms"]) > 0
