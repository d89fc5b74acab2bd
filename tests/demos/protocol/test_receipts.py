from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demos.protocol.receipts import Receipt, bursts, delays, measure, percentile


def receipt(*tokens: tuple[float, int], **more: Any) -> Receipt:
    at, seq = zip(*tokens, strict=True) if tokens else ((), ())
    return Receipt(transport="sse", client="c", at=at, seq=seq, token=(True,) * len(seq), **more)


def test_times_gaps_losses_and_repeats() -> None:
    found = measure(
        receipt((110, 1), (120, 2), (140, 3), (141, 2), (200, 5), started=100, reconnects=1),
        dict.fromkeys(range(1, 7), 1),
    )
    assert (found.first_token_ms, found.gap_p50_ms, found.gap_p95_ms, found.gap_max_ms) == (10, 20, 60, 60)
    assert (found.tokens, found.lost, found.repeated, found.reconnects) == (4, 2, 1, 1)


def test_nothing_received_is_not_a_zero() -> None:
    found = measure(receipt(), {1: 1, 2: 1})
    assert (found.first_token_ms, found.gap_p50_ms, found.lost) == (None, None, 2)


def test_what_is_no_token_counts_as_event_only() -> None:
    given = Receipt(transport="sse", client="c", at=(1, 2), seq=(1, 2), token=(False, True))
    found = measure(given, {2: 1})
    assert (found.events, found.tokens, found.lost) == (2, 1, 0)


@given(st.lists(st.integers(1, 30)), st.sets(st.integers(1, 30)))
def test_every_token_is_received_or_lost(seqs: list[int], answer: set[int]) -> None:
    found = measure(receipt(*((float(n), seq) for n, seq in enumerate(seqs))), dict.fromkeys(answer, 1))
    assert found.lost == len(answer - set(seqs))
    assert found.repeated is not None
    assert found.tokens + found.repeated == len(seqs)


def test_an_event_that_joins_tokens_counts_for_all_of_them() -> None:
    found = measure(receipt((1, 1), (2, 2), (3, 2)), {1: 1, 2: 7, 3: 4})
    assert (found.tokens, found.lost, found.repeated) == (8, 4, 7)


@pytest.mark.parametrize(("share", "value"), [(50, 2), (95, 4), (0, 1), (100, 4)])
def test_nearest_rank(share: int, value: int) -> None:
    assert percentile([1, 2, 3, 4], share) == value


def test_bursts_are_pieces_that_came_apart() -> None:
    assert bursts([], 10) == 0
    assert bursts([0, 1, 2, 30, 60, 61], 10) == 3
    assert bursts([0, 10, 20], 10) == 3


def test_delays_are_of_tokens_that_both_saw_by_their_first_arrival() -> None:
    def receipt(at: tuple[float, ...], seq: tuple[int, ...], token: tuple[bool, ...]) -> Receipt:
        return Receipt(transport="sse", client="x", at=at, seq=seq, token=token)

    through = receipt((5, 30, 50, 70), (1, 2, 3, 4), (False, True, True, True))
    beside = receipt((4, 10, 49, 90), (1, 2, 3, 3), (False, True, True, True))
    assert delays(through, beside) == [1, 20]
