"""Computes how much the choice depends on the weights: the share of weightings within a band under which it holds.

Every reason's weight may be off by half, each for itself. The lead of one option is then a sum of independent uniform
variables, and the share of weightings where it stays ahead is the part of a box on one side of a plane, which has an
exact formula: no sampling, the same figure every time.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from math import factorial

from guide.decision.engine import Verdict
from guide.decision.plan import POINTS

BAND = Fraction(1, 2)
"""Each weight lies anywhere between half of itself and one and a half."""


def shares(verdict: Verdict, band: Fraction = BAND) -> dict[str, float]:
    """For each option, the share of all weightings under which it is ahead. They add up to 1.

    1 and 0 where an option is ruled out; one half each where nothing was weighed. Outside our scope no weight decides,
    and the answer is {}. Two options are compared: with three the box has no such formula.
    """
    if verdict.kind == "outside":
        return {}
    left = [s.option for s in verdict.standings if not s.ruled_out]
    if len(left) == 1:
        return {s.option: float(s.option == left[0]) for s in verdict.standings}
    one, other = left
    sign = {one: 1, other: -1}
    weights = [sign[r.effect.option] * POINTS.get(r.effect.force, 0) for r in verdict.reasons]
    ahead = float(share_ahead(tuple(sorted(w for w in weights if w)), band))
    return {one: ahead, other: 1 - ahead}


@lru_cache(maxsize=4096)
def share_ahead(weights: Sequence[int], band: Fraction = BAND) -> Fraction:
    """The share of weightings w_i * u_i, u_i uniform in [1 - band, 1 + band], whose sum is above nought.

    Put u_i = 1 - band + 2 band v_i: the question is which part of the unit cube has sum(a_i v_i) > t. Turning v_i into
    1 - v_i makes every a_i positive, and the part where the sum is at most t is
    1 / (n! a_1 ... a_n) * sum over corners of (-1)^|corner| * (t - sum of its a_i)^n where that is positive
    (inclusion and exclusion over the corners of the cube).
    """
    if not weights:
        return Fraction(1, 2)
    edges = [2 * band * abs(w) for w in weights]
    least = sum(w * (1 - band) if w > 0 else w * (1 + band) for w in weights)
    threshold = -least  # the sum, counted from its least value, must exceed this
    if threshold <= 0:
        return Fraction(1)
    if threshold >= sum(edges):
        return Fraction(0)
    corners: dict[Fraction, int] = {Fraction(0): 1}
    for edge in edges:  # corners of equal sum are gathered: equal weights are the rule
        shifted = {total + edge: -sign for total, sign in corners.items()}
        for total, sign in shifted.items():
            corners[total] = corners.get(total, 0) + sign
    n = len(edges)
    volume = sum(sign * (threshold - total) ** n for total, sign in corners.items() if total < threshold)
    product = Fraction(factorial(n))
    for edge in edges:
        product *= edge
    return 1 - volume / product
