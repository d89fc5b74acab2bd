"""Several replicas behave as one server: whichever is asked, the answer is the same."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from functools import partial

import pytest

from demos.replicas.store.scripts import FORMAT
from demos.threads.event_log import Gap
from demos.threads.runs import Agent
from tests.demos.replicas.clusters import Replica, eventually, over, replicas
from tests.demos.replicas.engines import RunningEngine
from tests.demos.toys import ToyAgent

MOST_CONNECTIONS = 8
Scene = Callable[[list[Replica]], Awaitable[None]]


def play(engine: RunningEngine, scene: Scene, count: int = 2, agent: Callable[[], Agent] = ToyAgent) -> None:
    async def run() -> None:
        async with replicas(engine.url, count, agent) as found:
            await scene(found)

    asyncio.run(run())


class Gate:
    """Lets words through when a test says so."""

    def __init__(self) -> None:
        self.open = asyncio.Semaphore(0)

    def agent(self) -> Agent:
        return ToyAgent(self._before)

    async def _before(self, _: int) -> None:
        await self.open.acquire()

    def let(self, words: int) -> None:
        for _ in range(words):
            self.open.release()


def test_a_thread_that_one_made_is_known_to_all(engine: RunningEngine) -> None:
    async def scene(found: list[Replica]) -> None:
        one, two = found
        thread, is_new = await one.cluster.make(None)
        assert is_new
        again, is_new = await two.cluster.make(thread.id)
        assert not is_new
        assert (again.key, again.memory, again.log.epoch) == (thread.key, thread.memory, thread.log.epoch)
        assert "result" in await two.start(thread.id)
        await over(one, thread.id)
        assert [event.text for event in await one.events(thread.id)] == [
            event.text for event in await two.events(thread.id)
        ]
        assert one.backend.threads.state(thread.id) == two.backend.threads.state(thread.id)
        assert not await one.owns(thread.id), "nobody owns what nobody writes"
        assert not await two.owns(thread.id)

    play(engine, scene)


def test_a_question_is_asked_on_one_answered_on_a_second_and_read_on_a_third(engine: RunningEngine) -> None:
    async def scene(found: list[Replica]) -> None:
        one, two, three = found
        thread_id = str(uuid.uuid4())
        started = await one.start(thread_id, approve=True, n_tokens=7)

        async def asked() -> bool:
            return bool((await two.thread(thread_id)).pending)

        await eventually(asked)
        assert (await two.thread(thread_id)).status == "interrupted"
        reply = await two.obey(thread_id, "input.respond", interrupt_id="i1", response="yes")
        assert reply["result"] == {"run_id": started["result"]["run_id"], "repeated": False}
        thread = await over(three, thread_id)
        assert thread.run is not None
        assert sum(thread.run.answer.values()) == 7, "with the settings of the start"
        again = await three.obey(thread_id, "input.respond", interrupt_id="i1", response="yes")
        assert again["result"]["repeated"]
        other = await three.obey(thread_id, "input.respond", interrupt_id="i1", response="no")
        assert other["error"] == "no_such_interrupt"

    play(engine, scene, 3)


def test_inputs_and_stops_reach_the_owner_and_the_same_input_is_heard_once(engine: RunningEngine) -> None:
    async def scene(found: list[Replica]) -> None:
        gate.open = asyncio.Semaphore(0)
        one, two = found
        thread_id = str(uuid.uuid4())
        await one.start(thread_id, n_tokens=50)
        said = {"role": "user", "content": "mind the gaps", "id": "said-1"}
        for replica in (two, one, two):
            assert "result" in await replica.obey(thread_id, "input.inject", message=said)
        gate.let(3)

        async def heard() -> bool:
            text = "".join(event.draft.text or "" for event in await two.events(thread_id))
            return "mind the gaps" in text and "word2" in text

        await eventually(heard)
        stopped = await two.obey(thread_id, "run.cancel")
        assert stopped["result"]["tokens"] == 4, "three words and one remark"
        thread = await over(two, thread_id)
        assert thread.run is not None
        assert thread.run.outcome == "cancelled"
        assert thread.status == "idle"

    gate = Gate()
    play(engine, scene, agent=gate.agent)


def test_of_starts_at_the_same_moment_one_wins(engine: RunningEngine) -> None:
    async def scene(found: list[Replica]) -> None:
        for _ in range(10):
            gate.open = asyncio.Semaphore(0)
            thread_id = str(uuid.uuid4())
            replies = await asyncio.gather(*(each.start(thread_id) for each in found))
            assert sorted(reply["type"] for reply in replies) == ["error", "error", "success"], replies
            gate.let(3)
            await over(found[0], thread_id)

    gate = Gate()
    play(engine, scene, 3, gate.agent)


@pytest.mark.parametrize("on_loss", ["continue", "fail"])
def test_a_run_whose_writer_died_is_gone_on_with_or_ended(engine: RunningEngine, on_loss: str) -> None:
    async def scene(found: list[Replica]) -> None:
        gate.open = asyncio.Semaphore(0)
        one, two = found
        thread_id = str(uuid.uuid4())
        await one.start(thread_id, n_tokens=6)
        gate.let(3)
        here = await two.thread(thread_id, is_read=True)
        await eventually(lambda: here.run is not None and here.run.made == 3)
        await one.die()
        gate.let(50)
        thread = await over(two, thread_id)
        assert thread.run is not None
        text = "".join(event.draft.text or "" for event in thread.log.since(0))
        ends = [event for event in thread.log.since(0) if event.draft.ends_run]
        assert len(ends) == 1
        if on_loss == "continue":
            assert text == "".join(f"word{n} " for n in range(6))
        else:
            assert ends[0].draft.data["error"] == "The server that wrote this answer was lost."
        assert [event.seq for event in thread.log.since(0)] == list(range(1, thread.log.last + 1))

    async def run() -> None:
        async with replicas(engine.url, 2, gate.agent, "fail" if on_loss == "fail" else "continue") as found:
            await scene(found)

    gate = Gate()
    asyncio.run(run())


def test_who_was_taken_for_lost_and_wakes_writes_nothing_more(engine: RunningEngine) -> None:
    async def scene(found: list[Replica]) -> None:
        gate.open = asyncio.Semaphore(0)
        one, two = found
        thread_id = str(uuid.uuid4())
        await one.start(thread_id, n_tokens=6)
        gate.let(2)
        sleeper = await one.thread(thread_id)
        await eventually(lambda: sleeper.run is not None and sleeper.run.made == 2)
        await two.thread(thread_id)
        # Frozen for two: no sign of life, though the run is still there.
        leases = next(task for task in one.tasks if task.get_name().startswith("leases"))
        leases.cancel()
        await eventually(lambda: two.owns(thread_id))
        gate.let(60)  # both would write now
        thread = await over(two, thread_id)
        await eventually(lambda: sleeper.log.last == thread.log.last)
        mine = [event.text for event in sleeper.log.since(0)]
        assert mine == [event.text for event in thread.log.since(0)]
        assert sum(event.draft.ends_run for event in sleeper.log.since(0)) == 1
        assert "".join(event.draft.text or "" for event in sleeper.log.since(0)).count("word5") == 1

    gate = Gate()
    play(engine, scene, agent=gate.agent)


def test_a_planned_end_hands_over_at_once(engine: RunningEngine) -> None:
    async def scene(found: list[Replica]) -> None:
        gate.open = asyncio.Semaphore(0)
        one, two = found
        thread_id = str(uuid.uuid4())
        await one.start(thread_id, n_tokens=6)
        gate.let(2)
        thread = await two.thread(thread_id, is_read=True)
        await eventually(lambda: thread.run is not None and thread.run.made == 2)
        await two.cluster.leases.beat()  # two is known to be there
        await one.cluster.leases.beat()
        began = asyncio.get_running_loop().time()
        await one.cluster.leases.leave()
        await eventually(lambda: two.owns(thread_id))
        assert asyncio.get_running_loop().time() - began < one.cluster.settings.lease_ms / 1000
        gate.let(60)
        assert (await over(two, thread_id)).status == "idle"

    gate = Gate()
    play(engine, scene, agent=gate.agent)


def test_what_makes_room_for_others_is_forgotten_everywhere(engine: RunningEngine) -> None:
    """Else an address could fill the engine by asking for thread after thread."""

    async def scene() -> None:
        async with replicas(engine.url, 2, client_threads=3) as (one, two):
            made = [(await one.cluster.make(None, "10.0.0.1"))[0].id for _ in range(5)]
            busy = str(uuid.uuid4())
            await two.start(busy, approve=True)
            await over_or_asked(two, busy)

            async def left() -> bool:
                keys = await one.cluster.engine.redis.keys(one.cluster.engine.key("thread", "*"))
                return {key.decode().rpartition(":")[2] for key in keys} == {*made[2:], busy}

            await eventually(left)

    asyncio.run(scene())


def test_one_replica_needs_few_connections_however_many_ask(engine: RunningEngine) -> None:
    async def scene(found: list[Replica]) -> None:
        one, two = found
        made = [(await one.cluster.make(None))[0].id for _ in range(60)]
        await asyncio.gather(*(two.start(thread_id, n_tokens=20) for thread_id in made[:20]))
        asked = [partial(one.answered, thread_id, is_read=True) for thread_id in made for _ in range(4)]
        await asyncio.gather(*map(eventually, asked))
        clients = await one.cluster.engine.redis.client_list()
        here = {client["laddr"] for client in clients}
        assert len(here) == 1
        assert len(clients) <= 2 * MOST_CONNECTIONS, len(clients)

    play(engine, scene)


def test_a_thread_of_a_newer_version_is_left_alone(engine: RunningEngine) -> None:
    async def scene(found: list[Replica]) -> None:
        one, two = found
        thread, _ = await one.cluster.make(None)
        await one.cluster.engine.redis.hset(one.cluster.engine.key("thread", thread.id), "format", FORMAT + 1)
        refused = await two.start(thread.id)
        assert refused["error"] == "newer_format"

    play(engine, scene)


def test_a_log_that_lost_its_beginning_says_so_on_every_replica(engine: RunningEngine) -> None:
    """And a run whose beginning is gone is not made again: nobody could say what of it was told."""

    async def scene() -> None:
        gate = Gate()
        async with replicas(engine.url, 3, gate.agent, thread_events=30) as (one, two, three):
            thread_id = str(uuid.uuid4())
            gate.open = asyncio.Semaphore(0)
            await one.start(thread_id, n_tokens=100)
            gate.let(60)
            here = await two.thread(thread_id, is_read=True)
            await eventually(lambda: here.log.last > 60)
            late = await three.thread(thread_id)
            for thread in (here, late):
                assert thread.run is not None
                assert thread.run.settings.n_tokens == 100
                with pytest.raises(Gap, match="older events were evicted"):
                    thread.log.since(5)
            await one.die()
            gate.let(100)
            ended = await over(three, thread_id)
            assert ended.run is not None
            assert ended.run.outcome == "failed"

    asyncio.run(scene())


async def over_or_asked(replica: Replica, thread_id: str) -> None:
    async def settled() -> bool:
        return (await replica.thread(thread_id)).status in ("idle", "interrupted", "error")

    await eventually(settled)
