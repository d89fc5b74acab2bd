"""What the engine takes, and in which order: fenced, without gaps, and shown only when it has it."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable

import pytest

from demos.limits import Limits
from demos.protocol.events import Draft
from demos.replicas.contact import Contact
from demos.replicas.settings import ReplicaSettings
from demos.replicas.shared_log import SharedLog
from demos.replicas.store.engine import AWAY, Engine, Unfit
from demos.replicas.store.entries import START
from demos.replicas.writer import STEP_S, Writer
from tests.demos.replicas.engines import RunningEngine

KNOWN = {"epoch": "e1", "key": "k", "client": "?", "memory": "m"}


class Bench:
    """One replica's log and writer, without anything around them."""

    def __init__(self, url: str, name: str, prefix: str) -> None:
        self.engine = Engine(ReplicaSettings(url, name, prefix=prefix))
        self.fenced: list[str] = []
        about = {**KNOWN, "token": name, "fence": "1"}
        self.writer = Writer(self.engine, Contact(1.5), lambda log: None, self._fenced, lambda log: about)

    def _fenced(self, log: SharedLog) -> None:
        self.fenced.append(log.thread)
        log.disown()

    async def log(self, thread: str) -> SharedLog:
        """A thread that this one owns, up to date."""
        await self.engine.create(thread, KNOWN)
        found, _, fence = await self.engine.claim(thread)
        assert found == "claimed"
        log = SharedLog(thread, Limits(), "e1", self.writer.queue)
        for entry in await self.engine.entries(thread):
            log.accept(entry)
        log.own(fence)
        return log


async def store_all(writer: Writer) -> None:
    while await writer.store():
        pass


def word(n: int) -> Draft:
    return Draft("custom", {"payload": n})


def play(url: str, scene: Callable[[Bench, Bench], Awaitable[None]], prefix: str) -> None:
    async def run() -> None:
        one, two = Bench(url, "one", prefix), Bench(url, "two", prefix)
        try:
            await scene(one, two)
        finally:
            await one.engine.close()
            await two.engine.close()

    asyncio.run(run())


def test_nothing_is_shown_before_it_is_stored_and_a_repeat_changes_nothing(engine: RunningEngine) -> None:
    async def scene(one: Bench, two: Bench) -> None:
        log = await one.log("t")
        for n in range(3):
            log.append(word(n))
        log.note({"said": {"text": "a", "id": None}})
        assert (log.last, len(log.waiting)) == (0, 4)
        batch = log.batch()
        for _ in range(2):
            assert await one.engine.append([("t", log.fence, 1, "", batch)]) == [("stored", batch[-1].place)]
        await store_all(one.writer)
        assert (log.last, len(log.waiting)) == (3, 0)
        assert [entry.place for entry in await two.engine.entries("t")] == [entry.place for entry in batch]

    play(engine.url, scene, "commit1:")


def test_steps_begin_some_milliseconds_apart_and_take_what_came_meanwhile(engine: RunningEngine) -> None:
    async def scene(one: Bench, two: Bench) -> None:
        log, steps = await one.log("t"), 0

        async def step() -> None:
            nonlocal steps
            steps += 1

        one.writer.step = step
        writing = asyncio.create_task(one.writer.run())
        began = time.monotonic()
        for n in range(300):
            log.append(word(n))
            await asyncio.sleep(0)
        await log.committed()
        assert steps <= (time.monotonic() - began) / STEP_S + 1
        assert log.last == 300
        writing.cancel()

    play(engine.url, scene, "commit-steps:")


def test_a_gap_is_refused_and_so_is_a_writer_that_lost_its_thread(engine: RunningEngine) -> None:
    async def scene(one: Bench, two: Bench) -> None:
        log = await one.log("t")
        log.append(word(1))
        log.append(word(2))
        first, second = log.batch()
        assert (await one.engine.append([("t", log.fence, 1, "", [second])]))[0][0] == "behind"
        await one.engine.append([("t", log.fence, 1, "", [first])])
        other = await two.log("t")  # `one` gives no sign of life
        assert other.fence == log.fence + 1
        await store_all(one.writer)
        assert one.fenced == ["t"]
        other.append(word(3))
        await store_all(two.writer)
        assert [entry.event.draft.data["payload"] for entry in await two.engine.entries("t") if entry.event] == [1, 3]

    play(engine.url, scene, "commit2:")


def test_an_engine_without_its_data_is_given_it_again(mortal_engine: RunningEngine) -> None:
    async def scene(one: Bench, two: Bench) -> None:
        log = await one.log("t")
        for n in range(250):
            log.append(word(n))
        await store_all(one.writer)
        log.note({"answered": {"i1": "yes"}})
        await store_all(one.writer)
        mortal_engine.kill()
        mortal_engine.start()
        log.append(word(250))
        while log.waiting:
            try:
                await store_all(one.writer)
            except AWAY:
                await asyncio.sleep(0.05)
        entries = await two.engine.entries("t", START)
        assert [entry.event.seq for entry in entries if entry.event] == list(range(1, 252))
        assert [entry.note for entry in entries if entry.note] == [{"answered": {"i1": "yes"}}]

    play(mortal_engine.url, scene, "commit3:")


def test_a_writer_that_dies_between_append_and_commit_has_shown_nothing_that_is_not_stored(
    engine: RunningEngine,
) -> None:
    """A hundred times: the engine may have more than a reader saw, never less."""

    async def scene(one: Bench, two: Bench) -> None:
        chance = random.Random(7)
        ahead = 0
        for n in range(100):
            log = await one.log(f"t{n}")
            for number in range(chance.randrange(1, 400)):
                log.append(word(number))
            steps = chance.randrange(4)

            async def step() -> None:
                nonlocal steps
                steps -= 1
                if steps < 0:
                    raise asyncio.CancelledError

            one.writer.step = step
            writing = asyncio.create_task(store_all(one.writer))
            if chance.random() < 0.5:
                await asyncio.sleep(chance.random() / 200)
                writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
            one.writer._logs.clear()
            stored = [entry.event.seq for entry in await two.engine.entries(f"t{n}") if entry.event]
            assert stored == list(range(1, len(stored) + 1))
            assert log.last <= len(stored), "a reader was ahead of the engine"
            ahead += len(stored) > log.last
        assert ahead > 20, "it was killed in between"

    play(engine.url, scene, "commit4:")


@pytest.mark.parametrize("value", ["allkeys-lru", "volatile-ttl"])
def test_an_engine_that_throws_away_what_it_holds_is_refused(mortal_engine: RunningEngine, value: str) -> None:
    async def scene(one: Bench, two: Bench) -> None:
        await one.engine.check()
        await one.engine.redis.config_set("maxmemory-policy", value)
        with pytest.raises(Unfit, match=f"{value}. Allowed: noeviction"):
            await one.engine.check()
        mortal_engine.kill()
        with pytest.raises(Unfit, match="STREAMWISE_REDIS_URL: the engine does not answer"):
            await one.engine.check()

    play(mortal_engine.url, scene, "commit5:")
