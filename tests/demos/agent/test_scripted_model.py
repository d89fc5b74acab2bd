from __future__ import annotations

import asyncio
import time
from itertools import islice
from typing import Any

import pytest

from demos.agent.scripted_model import ModelFailed, ScriptedModel
from demos.protocol.run_options import Pace

PACE = Pace(seed=2, rate=20, first_token_ms=50)


def test_tokens_come_one_by_one_at_the_given_pace() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async def scene() -> list[str]:
        model = ScriptedModel(sleep=sleep)
        return [chunk.text async for chunk in model.astream("hi", text="one two three", pace=PACE) if chunk.text]

    assert asyncio.run(scene()) == ["one", " two", " three"]
    assert slept == list(islice(PACE.gaps(), 3))


def test_a_tool_is_called_after_the_text() -> None:
    message = asyncio.run(ScriptedModel().ainvoke("hi", text="Looking.", call=("look_up", {"question": "hi"})))
    assert message.text == "Looking."
    assert message.tool_calls[0] == {"name": "look_up", "args": {"question": "hi"}, "id": "call_1", "type": "tool_call"}


def test_without_streaming_it_says_the_same() -> None:
    assert ScriptedModel().invoke("hi", text="one two three four five", n_tokens=4).text == "This answer ends here."


@pytest.mark.parametrize("fail_at", [0, 2])
def test_it_fails_when_told_to(fail_at: int) -> None:
    seen: list[str] = []

    async def scene() -> None:
        async for chunk in ScriptedModel().astream("hi", text="one two three", pace=Pace(rate=0), fail_at=fail_at):
            seen.append(chunk.text)

    with pytest.raises(ModelFailed, match=f"after {fail_at} tokens"):
        asyncio.run(scene())
    assert len(seen) == fail_at


def test_a_stamp_is_when_the_token_was_made() -> None:
    async def scene() -> list[tuple[int, int]]:
        given: dict[str, Any] = {"text": "one two three", "pace": Pace(rate=0, first_token_ms=0), "stamp": True}
        stream = ScriptedModel().astream("hi", **given)
        return [(int(chunk.text), time.monotonic_ns()) async for chunk in stream if chunk.text]

    before = time.monotonic_ns()
    found = asyncio.run(scene())
    assert len(found) == 3
    assert all(before <= made <= came for made, came in found)
    assert sorted(found) == found


def test_what_was_said_takes_the_next_tokens_place_and_the_text_goes_on_after_it() -> None:
    said = iter([[], ["a", "b"], [], ["c"], [], ["last"]])
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async def scene() -> list[str]:
        given: dict[str, Any] = {"text": "one two three", "pace": PACE, "heard": lambda: next(said, [])}
        return [chunk.text async for chunk in ScriptedModel(sleep=sleep).astream("hi", **given) if chunk.text]

    said_ab, said_c, said_last = (f" [You said: {what};]" for what in ("a; b", "c", "last"))
    assert asyncio.run(scene()) == ["one", said_ab, " two", said_c, " three", said_last]
    assert slept == list(islice(PACE.gaps(), 5))
