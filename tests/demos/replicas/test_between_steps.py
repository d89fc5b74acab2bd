"""What may happen between two steps of a replica: each was a way to lose something, or to let a stranger in."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from demos.limits import Limits
from demos.protocol.errors import Refusal
from demos.protocol.events import Draft, Event
from demos.protocol.run_options import Settings
from demos.threads.callers import Caller
from demos.threads.event_log import Gap, MemoryLog
from demos.threads.runs import MOST_RECOVERIES, Thread
from tests import virtual_time
from tests.demos.replicas.clusters import Replica, eventually, replicas
from tests.demos.replicas.engines import RunningEngine
from tests.demos.toys import ToyAgent, loader, never

Scene = Callable[[list[Replica]], Awaitable[None]]


def play(engine: RunningEngine, scene: Scene, count: int = 2, **limits: int) -> None:
    async def run() -> None:
        async with replicas(engine.url, count, lambda: ToyAgent(never), "continue", **limits) as found:
            await scene(found)

    asyncio.run(run())


async def busy(replica: Replica) -> str:
    """A thread whose run is written, and silent."""
    thread_id = str(uuid.uuid4())
    assert (await replica.start(thread_id))["type"] == "success"
    return thread_id


def test_a_key_that_was_used_on_one_holds_the_thread_on_all(engine: RunningEngine) -> None:
    async def scene(found: list[Replica]) -> None:
        one, two = found
        thread, _ = await one.cluster.make(None)
        one.backend.threads.commanded(thread.id, Caller("10.0.0.1", thread.key))  # as thread.authorize does
        await one.cluster.prepare(thread.id)
        frame = {"id": 1, "method": "run.start", "params": {"input": {"messages": [{"content": "hi"}]}}}
        stranger = await two.cluster.obey(thread.id, frame, Caller("10.0.0.2"))
        assert stranger["error"] == "not_your_thread"
        mine = await two.cluster.obey(thread.id, frame, Caller("10.0.0.1", thread.key))
        assert mine["type"] == "success"

    play(engine, scene)


def test_a_stop_is_answered_when_its_end_is_stored(engine: RunningEngine) -> None:
    async def scene(found: list[Replica]) -> None:
        for replica in found:
            thread_id = await busy(found[0])
            assert (await replica.obey(thread_id, "run.cancel"))["type"] == "success"
            entries = await found[1].cluster.engine.entries(thread_id)
            assert [entry.event.draft.ends_run for entry in entries if entry.event][-1]

    play(engine, scene)


def test_reading_much_forgets_nothing_that_others_have(engine: RunningEngine) -> None:
    async def scene(found: list[Replica]) -> None:
        one, two = found
        made = [(await one.cluster.make(None, f"10.0.0.{n}"))[0].id for n in range(8)]
        for thread_id in made:
            await two.thread(thread_id)
        for replica in found:
            await replica.cluster.leases.beat()
        assert len(two.backend.threads) <= 8
        for thread_id in made:
            assert (await one.thread(thread_id)).id == thread_id

    play(engine, scene, threads=8)


def test_a_claim_that_an_error_cut_short_is_taken_up_again(
    engine: RunningEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(found: list[Replica]) -> None:
        one, two = found
        thread_id = await busy(one)
        here = await two.thread(thread_id)
        await one.die()
        entries, failures = two.cluster.engine.entries, 3

        async def failing(*given: Any) -> Any:
            nonlocal failures
            if failures and two.name == (await two.cluster.engine.thread(thread_id))[0]["token"]:
                failures -= 1
                raise ConnectionError("cut")
            return await entries(*given)

        monkeypatch.setattr(two.cluster.engine, "entries", failing)
        await eventually(lambda: here.run is not None and here.run.active)
        assert failures == 0

    play(engine, scene)


def test_a_hole_is_a_gap_and_nothing_comes_twice() -> None:
    async def scene() -> None:
        log = MemoryLog(1000, 10**6)
        for n in range(10):
            log.append(Draft("custom", {"payload": n}))
        log.store(Event.number(Draft("custom", {"payload": 50}), 50, log.epoch, 0))
        with pytest.raises(Gap, match="holds 50 to 50"):
            log.since(10)
        assert [event.seq for event in log.since(49)] == [50]

    asyncio.run(scene())


def test_an_engine_that_was_emptied_is_filled_though_the_owner_has_nothing_to_say(
    mortal_engine: RunningEngine,
) -> None:
    async def scene(found: list[Replica]) -> None:
        one, two = found
        thread_id = await busy(one)
        await eventually(lambda: one.backend.threads.get(thread_id).log.last == 2)  # its beginning, and all it will say
        last = (await two.thread(thread_id, is_read=True)).log.last
        mortal_engine.kill()
        mortal_engine.start()

        async def back() -> bool:
            try:
                return (await two.thread(thread_id)).log.last == last
            except Refusal as refusal:
                assert refusal.code == "engine_unavailable", refusal  # noqa: PT017
                return False

        await eventually(back)
        assert [entry.event.seq for entry in await two.cluster.engine.entries(thread_id) if entry.event] == list(
            range(1, last + 1)
        )
        assert await one.owns(thread_id)

    play(mortal_engine, scene)


def test_a_letter_that_comes_twice_is_carried_out_once(engine: RunningEngine) -> None:
    async def scene(found: list[Replica]) -> None:
        one, _ = found
        thread_id = await busy(one)
        said = {"method": "input.inject", "params": {"message": {"role": "user", "content": "once"}}}
        letter = {"thread": thread_id, "frame": said, "address": "?", "key": None, "number": "7"}
        answers = await asyncio.gather(*(one.cluster.delivery.answer(letter) for _ in range(3)))
        assert [answer["reply"]["type"] for answer in answers] == ["success"] * 3
        run = (await one.thread(thread_id)).run
        assert run is not None
        assert run.mailbox.count == 1

    play(engine, scene)


def test_whoever_asks_a_server_to_leave_again_waits_until_it_has_left(engine: RunningEngine) -> None:
    async def scene(found: list[Replica]) -> None:
        one, two = found
        threads = [await busy(one) for _ in range(5)]
        await two.cluster.leases.beat()
        await one.cluster.leases.beat()
        one.cluster.hand_over()
        await one.cluster.leases.leave()
        assert not any([await one.owns(thread_id) for thread_id in threads])
        refused = await one.obey(threads[0], "run.cancel")
        assert refused["error"] == "engine_unavailable"

    play(engine, scene)


def test_a_run_that_kills_its_servers_is_ended() -> None:
    async def scene() -> None:
        thread = Thread("t", Limits(), loader(ToyAgent(never)))
        run = thread.start("hi", Settings())
        for n in range(MOST_RECOVERIES):
            assert not run.ended
            run.abandon()
            await asyncio.sleep(0.01)
            run.take_over(is_continued=True)
            assert run.recovered == n + 1
        run.abandon()
        await asyncio.sleep(0.01)
        run.take_over(is_continued=True)
        assert run.outcome == "failed"
        assert sum(event.draft.ends_run for event in thread.log.since(0)) == 1

    virtual_time.run(scene())
