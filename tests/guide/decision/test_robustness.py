"""The share of weightings: exact, so it is held against cases that can be done by hand and against sampling."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guide.book import Book
from guide.decision.engine import decide
from guide.decision.plan import POINTS
from guide.decision.robustness import share_ahead, shares
from guide.model import Force


@pytest.mark.parametrize(
    ("weights", "share"),
    [
        ((), Fraction(1, 2)),
        ((1,), Fraction(1)),
        ((-1,), Fraction(0)),
        ((1, -1), Fraction(1, 2)),
        ((3, -1), Fraction(1)),  # 1.5 at least against 1.5 at most
        ((2, -1), Fraction(15, 16)),  # x in [1, 3], y in [0.5, 1.5]: x <= y on a triangle with legs 0.5 of area 2
        ((1, 1, -1), Fraction(47, 48)),  # the corner of the unit cube below x + y + z = 0.5
        ((3, 3, -3, -3), Fraction(1, 2)),
    ],
)
def test_by_hand(weights: tuple[int, ...], share: Fraction) -> None:
    assert share_ahead(weights) == share


@given(st.lists(st.sampled_from([-3, -1, 1, 3]), max_size=12))
def test_the_sides_add_up_and_are_fair(weights: list[int]) -> None:
    one = share_ahead(tuple(weights))
    assert 0 <= one <= 1
    assert one + share_ahead(tuple(-w for w in weights)) == 1
    if sum(weights) > 0:
        assert one > Fraction(1, 2)


@given(st.lists(st.sampled_from([-3, -1, 1, 3]), min_size=1, max_size=10))
def test_against_sampling(weights: list[int]) -> None:
    dice = random.Random(1)
    tries = 4000
    hits = sum(sum(w * dice.uniform(0.5, 1.5) for w in weights) > 0 for _ in range(tries))
    assert float(share_ahead(tuple(weights))) == pytest.approx(hits / tries, abs=0.05)


def test_of_a_verdict(teahouse: Book) -> None:
    def of(**answers: str) -> dict[str, float]:
        return shares(decide(teahouse, {qid: tuple(chosen.split()) for qid, chosen in answers.items()}))

    assert of(time="evening", mood="tired") == {"tea": 1.0, "coffee": 0.0}, "3 against 1 holds even at half"
    assert of(taste="sweet bitter") == {"tea": 0.5, "coffee": 0.5}
    assert of() == {"tea": 0.5, "coffee": 0.5}
    assert of(time="evening", heart="hot") == {"tea": 0.0, "coffee": 1.0}
    assert of(heart="hot bad") == {}
    assert of(taste="sweet", sugar="yes", time="morning")["tea"] < 0.5


def test_ruling_out_has_no_weight_of_its_own() -> None:
    assert Force.RULES_OUT not in POINTS
