import asyncio

import pytest

from demos.limits import Limits
from demos.lines import Cut, Line, Lines
from demos.refusal import Refusal
from tests.demos.toys import never


async def held(lines: Lines, out: list[Line], thread: str = "t") -> str:
    with lines.open("sse", "client", thread) as line:
        out.append(line)
        await never(0)
    return "left quietly"


def test_a_cut_line_leaves_quietly_and_knows_why():
    async def scene() -> None:
        lines, out = Lines(Limits()), list[Line]()
        tasks = [asyncio.create_task(held(lines, out, thread)) for thread in ("a", "a", "b")]
        await asyncio.sleep(0)
        assert (len(lines), lines.readers("a")) == (3, 2)
        assert lines.drop("a", Cut.RESET) == {"sse": 2, "websocket": 0}
        assert lines.drop("a", Cut.CLEAN) == {"sse": 0, "websocket": 0}
        assert await asyncio.gather(*tasks[:2]) == ["left quietly"] * 2
        assert out[0].cut_by is Cut.RESET
        lines.shut_down()
        assert await tasks[2] == "left quietly"
        assert (len(lines), lines.readers("a")) == (0, 0)
        with pytest.raises(Refusal, match="shutting down"):
            await held(lines, out)

    asyncio.run(scene())


def test_a_cancellation_from_elsewhere_is_passed_on():
    async def scene() -> None:
        task = asyncio.create_task(held(Lines(Limits()), []))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scene())


@pytest.mark.parametrize(("limits", "status"), [(Limits(streams=1), 503), (Limits(client_streams=1), 429)])
def test_one_stream_too_many(limits, status):
    async def scene() -> None:
        lines = Lines(limits)
        with (
            lines.open("sse", "client"),
            pytest.raises(Refusal, match="the limit here") as refused,
            lines.open("sse", "client"),
        ):
            pass
        assert refused.value.status == status
        with lines.open("sse", "client"):
            pass

    asyncio.run(scene())
