from __future__ import annotations

import asyncio
import time
from itertools import islice
from typing import Any

import pytest

from demos.agent.scripted_model import ModelFailed, ScriptedModel
from demos.protocol.run_options import Pace

PACE = Pace(seed=2, rate=20, first_token_ms=50)


class Time:
    """A clock that goes on while somebody sleeps, and by `work_s` before each sleep."""

    def __init__(self, work_s: float = 0.0) -> None:
        self.now, self.work_s = 0.0, work_s
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds + self.work_s

    def model(self) -> ScriptedModel:
        return ScriptedModel(sleep=self.sleep, clock=self.clock)


async def tokens(model: ScriptedModel, **given: Any) -> list[str]:
    return [chunk.text async for chunk in model.astream("hi", **given) if chunk.text]


def test_tokens_come_one_by_one_at_the_given_pace() -> None:
    time = Time()
    assert asyncio.run(tokens(time.model(), text="one two three", pace=PACE)) == ["one", " two", " three"]
    assert time.slept == pytest.approx(list(islice(PACE.gaps(), 3)))


def test_a_busy_server_does_not_stretch_the_answer() -> None:
    """20 ms of work after each token, at 20 tokens a second: the last one comes when it is due."""
    given: dict[str, Any] = {"text": "word " * 50, "n_tokens": 50, "pace": PACE}
    idle, busy = Time(), Time(work_s=0.02)
    asyncio.run(tokens(idle.model(), **given))
    asyncio.run(tokens(busy.model(), **given))
    assert busy.now == pytest.approx(idle.now, abs=0.03)


def test_who_is_late_catches_up_without_a_lump() -> None:
    overloaded = Time(work_s=0.2)
    asyncio.run(tokens(overloaded.model(), text="word " * 20, n_tokens=20, pace=PACE))
    gaps = list(islice(PACE.gaps(), 20))
    assert all(slept >= gap / 4 - 1e-9 for slept, gap in zip(overloaded.slept, gaps, strict=True))
    assert overloaded.slept[-1] == pytest.approx(gaps[-1] / 4)


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
    said, time = iter([[], ["a", "b"], [], ["c"], [], ["last"]]), Time()
    given: dict[str, Any] = {"text": "one two three", "pace": PACE, "heard": lambda: next(said, [])}
    said_ab, said_c, said_last = (f" [You said: {what};]" for what in ("a; b", "c", "last"))
    assert asyncio.run(tokens(time.model(), **given)) == ["one", said_ab, " two", said_c, " three", said_last]
    assert time.slept == pytest.approx(list(islice(PACE.gaps(), 5)))
