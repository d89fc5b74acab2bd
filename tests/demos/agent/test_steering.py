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
