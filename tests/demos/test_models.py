import asyncio
from itertools import islice

from demos.models import ScriptedModel
from demos.settings import Pace

PACE = Pace(seed=2, rate=20, first_token_ms=50)


def test_tokens_come_one_by_one_at_the_given_pace():
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async def scene() -> list[str]:
        model = ScriptedModel(sleep=sleep)
        return [chunk.text async for chunk in model.astream("hi", text="one two three", pace=PACE) if chunk.text]

    assert asyncio.run(scene()) == ["one", " two", " three"]
    assert slept == list(islice(PACE.gaps(), 3))


def test_a_tool_is_called_after_the_text():
    message = asyncio.run(ScriptedModel().ainvoke("hi", text="Looking.", call=("look_up", {"question": "hi"})))
    assert message.text == "Looking."
    assert message.tool_calls[0] == {"name": "look_up", "args": {"question": "hi"}, "id": "call_1", "type": "tool_call"}


def test_without_streaming_it_says_the_same():
    assert ScriptedModel().invoke("hi", text="one two three", n_tokens=2).text == "one two"
