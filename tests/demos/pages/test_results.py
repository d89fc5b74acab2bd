from __future__ import annotations

import dataclasses

import pytest

from demos.pages.results import delay
from tests.demos.proxies.toy_results import reading


@pytest.mark.parametrize(
    ("half", "most", "told"),
    [
        (-0.2, 1.5, "No measurable delay."),
        (-0.2, 40.0, "No measurable delay for most tokens; 40 ms for the slowest."),
        (130.0, 310.0, "Half of the tokens were at least 130 ms late, the slowest 310 ms."),
        (None, None, ""),
    ],
)
def test_a_delay_that_may_be_chance_is_none(half: float | None, most: float | None, told: str) -> None:
    assert delay(dataclasses.replace(reading(), delay_p50_ms=half, delay_max_ms=most)) == told
