"""What a client sends is kept as it is, or refused before anything is changed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from demos.protocol.errors import Refusal
from demos.protocol.storable import MOST_LEVELS, check_storable


def nested(levels: int) -> Any:
    value: Any = []
    for _ in range(levels - 1):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    ["", "Ça 🦀", None, True, 1.5, 2**63 - 1, -(2**63), nested(MOST_LEVELS), {"a": [{"b": 1}]}, {"": {}}],
)
def test_what_json_can_hold_and_a_checkpoint_too(value: Any) -> None:
    check_storable(value, "It")


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (nested(MOST_LEVELS + 1), "nested too deep"),
        (nested(400), "nested too deep"),
        ({"\ud800": 1}, "surrogate"),
        ([["\udfff"]], "surrogate"),
        ({"a": {"b": "x\ud83d"}}, "surrogate"),
        (2**63, "64 bits"),
        ([-(2**63) - 1], "64 bits"),
        (json.loads("1" + "0" * 400), "64 bits"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_a_short_sentence(value: Any, why: str) -> None:
    with pytest.raises(Refusal, match=why) as refused:
        check_storable(value, "It")
    assert refused.value.status == 400
    assert len(refused.value.message) < 200
