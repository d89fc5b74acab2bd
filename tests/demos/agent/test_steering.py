from __future__ import annotations

import pytest

from demos.agent.steering import Mailbox, nothing
from demos.protocol.errors import Refusal


def test_what_was_put_in_comes_out_once_and_in_order() -> None:
    box = Mailbox(5)
    assert box.drain() == []
    box.put("a")
    box.put("b")
    assert box.drain() == ["a", "b"]
    assert box.drain() == nothing() == []


def test_what_was_taken_counts_against_the_limit_too() -> None:
    box = Mailbox(2)
    box.put("a")
    box.drain()
    box.put("b")
    with pytest.raises(Refusal, match="told 2 inputs, the limit") as refused:
        box.put("c")
    assert (refused.value.status, box.drain()) == (429, ["b"])


def test_what_was_taken_for_a_token_that_nobody_saw_is_heard_again() -> None:
    turns: list[int] = []
    box = Mailbox(5, turns.append)
    for n in range(4):
        box.put(f"said {n}")
        assert box.drain() == [f"said {n}"]
        assert box.drain() == []
    assert turns == [1, 3, 5, 7]
    box.rewind(5)
    assert [box.drain() for _ in range(7)] == [["said 0"], [], ["said 1"], [], ["said 2"], ["said 3"], []]
    assert box.count == 4
