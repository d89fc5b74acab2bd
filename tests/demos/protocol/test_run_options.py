from __future__ import annotations

from itertools import islice

import pytest

from demos.limits import Limits
from demos.protocol.errors import Refusal
from demos.protocol.run_options import Pace, Settings


def test_everything_is_optional_and_unknown_keys_are_ignored() -> None:
    assert Settings.read({"thread_id": "t", "something": 1}, Limits()) == Settings()


def test_what_is_given_is_read() -> None:
    given = {
        "seed": 7,
        "rate": 0,
        "jitter": 0,
        "approve": True,
        "n_tokens": 5,
        "on_disconnect": "stop",
        "grace_ms": 100,
        "fail_at": 3,
        "silence_ms": 20,
        "stamp": True,
        "answers": {"q": ["a"], "r": "b"},
        "facts": ["f"],
    }
    read = Settings.read(given, Limits())
    assert (read.pace.seed, read.pace.rate, read.approve, read.n_tokens, read.facts) == (7, 0, True, 5, ("f",))
    assert (read.on_disconnect, read.grace_ms) == ("stop", 100)
    assert (read.fail_at, read.silence_ms, read.stamp) == (3, 20, True)
    assert read.answers == {"q": ("a",), "r": ("b",)}


@pytest.mark.parametrize(
    "given",
    [
        "rate=3", {"rate": -1}, {"rate": "fast"}, {"rate": float("nan")}, {"rate": True}, {"seed": 1.5}, {"jitter": 2},
        {"first_token_ms": 10**9}, {"approve": "yes"}, {"n_tokens": 0}, {"n_tokens": 10**9}, {"answers": ["a"]},
        {"fail_at": -1}, {"fail_at": 0.5}, {"silence_ms": -1}, {"silence_ms": 10**9}, {"stamp": 1}, {"grace_ms": -1},
        {"blob_bytes": 1_000_001}, {"blob_bytes": 0.5}, {"blob_part_bytes": -1},
        {"on_disconnect": "cancel"}, {"on_disconnect": ["stop"]},
        {"answers": {"q": [1]}}, {"answers": {"q" * 99: []}}, {"facts": ["f"] * 51}, {"facts": 3},
    ],
)  # fmt: skip
def test_what_is_out_of_bounds_is_refused_with_a_sentence(given: object) -> None:
    with pytest.raises(Refusal) as refused:
        Settings.read(given, Limits())
    assert refused.value.code == "invalid_argument"
    assert "configurable" in refused.value.message


def test_same_seed_same_gaps_and_they_stay_within_the_jitter() -> None:
    def gaps(seed: int) -> list[float]:
        return list(islice(Pace(seed=seed, rate=50, first_token_ms=100, jitter=0.5).gaps(), 200))

    assert gaps(3) == gaps(3) != gaps(4)
    assert gaps(3)[0] == 0.1
    assert all(0.01 <= gap <= 0.03 for gap in gaps(3)[1:])


def test_flat_out_means_no_gaps() -> None:
    assert list(islice(Pace(rate=0, first_token_ms=0).gaps(), 3)) == [0, 0, 0]
