from __future__ import annotations

import asyncio
import inspect
import time

import pytest

from demos.connections.open_streams import CutReason, OpenStream, OpenStreams, Peer
from demos.limits import Limits
from demos.protocol.errors import Refusal
from tests.demos.toys import never


async def held(lines: OpenStreams, out: list[OpenStream], thread: str = "t") -> str:
    with lines.open("sse", "client", thread) as line:
        out.append(line)
        await never(0)
    return "left quietly"


def test_a_cut_line_leaves_quietly_and_knows_why() -> None:
    async def scene() -> None:
        lines, out = OpenStreams(Limits()), list[OpenStream]()
        tasks = [asyncio.create_task(held(lines, out, thread)) for thread in ("a", "a", "b")]
        await asyncio.sleep(0)
        assert (len(lines), lines.readers("a")) == (3, 2)
        assert lines.drop("a", CutReason.RESET) == {"sse": 2, "websocket": 0}
        assert lines.drop("a", CutReason.CLEAN) == {"sse": 0, "websocket": 0}
        assert await asyncio.gather(*tasks[:2]) == ["left quietly"] * 2
        assert out[0].cut_by is CutReason.RESET
        lines.shut_down()
        assert await tasks[2] == "left quietly"
        assert (len(lines), lines.readers("a")) == (0, 0)
        with pytest.raises(Refusal, match="shutting down"):
            await held(lines, out)

    asyncio.run(scene())


def test_a_cancellation_from_elsewhere_is_passed_on() -> None:
    async def scene() -> None:
        task = asyncio.create_task(held(OpenStreams(Limits()), []))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scene())


@pytest.mark.parametrize(("limits", "status"), [(Limits(streams=1), 503), (Limits(client_streams=1), 429)])
def test_one_stream_too_many(limits: Limits, status: int) -> None:
    async def scene() -> None:
        lines = OpenStreams(limits)
        with (
            lines.open("sse", "client"),
            pytest.raises(Refusal, match=r"the limit (here|for one) \(STREAMWISE_MAX_") as refused,
            lines.open("sse", "client"),
        ):
            pass
        assert refused.value.status == status
        with lines.open("sse", "client"):
            pass

    asyncio.run(scene())


def test_progress_counts_and_not_how_long_it_takes_in_all() -> None:
    async def scene() -> None:
        lines, gate = OpenStreams(Limits(write_seconds=10)), asyncio.Event()
        with lines.open("sse", "client") as line:
            first = asyncio.create_task(line.write(wait(gate)))
            second = asyncio.create_task(line.write(wait(asyncio.Event())))
            await asyncio.sleep(0)
            before = time.monotonic()
            assert 9 < line.stuck_s(before + 10) <= 10.1
            gate.set()
            await first
            assert line.stuck_s(time.monotonic()) < 1
            second.cancel()
            await asyncio.wait([second])
            assert line.stuck_s(before + 3600) == 0

    asyncio.run(scene())


async def wait(gate: asyncio.Event) -> None:
    await gate.wait()


def test_how_streams_ended_is_counted() -> None:
    async def scene() -> dict[str, int]:
        lines = OpenStreams(Limits(client_streams=1))
        with lines.open("sse", "a"):
            pass
        with lines.open("websocket", "a") as line:
            line.mark_client_gone()
        with pytest.raises(ZeroDivisionError), lines.open("sse", "a"):
            raise ZeroDivisionError
        held = lines.open("sse", "a", peer=Peer(held=lambda: 10**9))
        with held:
            lines.patrol()
            await asyncio.sleep(1)
        return dict(lines.drops)

    assert asyncio.run(scene()) == {"finished": 1, "gone": 1, "failed": 1, "slow": 1}


def test_a_write_to_one_who_is_lost_is_let_go_of_when_the_line_is_cut() -> None:
    async def scene() -> None:
        async def held_lost() -> None:
            with lines.open("sse", "client", "t", Peer(lost=lambda: True)) as line:
                await line.write(writing)

        async def nothing() -> None:
            pass

        lines, writing = OpenStreams(Limits()), nothing()
        task = asyncio.create_task(held_lost())
        await asyncio.sleep(0)
        lines.drop("t", CutReason.RESET)
        await task
        assert inspect.getcoroutinestate(writing) == inspect.CORO_CLOSED

    asyncio.run(scene())
