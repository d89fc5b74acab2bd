"""The engine stops, or loses what it held, in the middle of an answer."""

from __future__ import annotations

import asyncio
import time
import uuid

import pytest

from demos.protocol.errors import Refusal
from tests.demos.replicas.clusters import eventually, over, replicas
from tests.demos.replicas.engines import RunningEngine
from tests.demos.toys import ToyAgent
from tests.patience import seconds


async def slowly(_: int) -> None:
    await asyncio.sleep(0.02)


@pytest.mark.parametrize("how", ["frozen", "killed"])
def test_an_answer_waits_for_the_engine_and_goes_on(mortal_engine: RunningEngine, how: str) -> None:
    """Killed: it comes back without anything that it held. Frozen: nobody is taken for lost meanwhile."""

    async def scene() -> None:
        async with replicas(mortal_engine.url, 2, lambda: ToyAgent(slowly)) as (one, two):
            thread_id = str(uuid.uuid4())
            await one.start(thread_id, n_tokens=100)
            there = await two.thread(thread_id, is_read=True)
            two.cluster.follower.follow(there.log)  # type: ignore[arg-type]
            await eventually(lambda: there.log.last > 20)
            mortal_engine.freeze() if how == "frozen" else mortal_engine.kill()
            mine = one.backend.threads.get(thread_id)
            await asyncio.sleep(0.2)
            shown = mine.log.last
            began = time.monotonic()
            refused = await two.obey(thread_id, "run.cancel")
            assert refused["error"] == "engine_unavailable"
            assert time.monotonic() - began < seconds(4)
            with pytest.raises(Refusal, match="cannot reach the engine"):
                await one.cluster.prepare(thread_id)
            assert mine.log.last == shown, "nothing is shown that the engine does not have"
            await eventually(lambda: one.cluster.problem)
            mortal_engine.wake() if how == "frozen" else mortal_engine.start()
            await eventually(lambda: not one.cluster.problem)
            thread = await over(two, thread_id)
            texts = [event.draft.text for event in thread.log.since(0, 1000) if event.draft.is_token]
            assert texts == [f"word{n} " for n in range(100)]
            assert [event.seq for event in thread.log.since(0, 1000)] == list(range(1, thread.log.last + 1))
            assert sum(event.draft.ends_run for event in thread.log.since(0, 1000)) == 1
            assert "result" in await two.start(thread_id, n_tokens=1), "the next turn works"
            await over(one, thread_id)

    asyncio.run(scene())


def test_an_engine_that_stays_away_ends_the_answer_and_is_told_of_the_end(
    mortal_engine: RunningEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a minute without it, with less patience: nothing is written for ever that nobody can be shown."""
    monkeypatch.setattr("demos.replicas.contact.PATIENCE_S", 1.0)

    async def scene() -> None:
        async with replicas(mortal_engine.url, 2, lambda: ToyAgent(slowly)) as (one, two):
            thread_id = str(uuid.uuid4())
            await one.start(thread_id, n_tokens=5_000)
            mine = one.backend.threads.get(thread_id)
            await eventually(lambda: mine.log.last > 20)
            mortal_engine.kill()
            run = mine.run
            assert run is not None
            await eventually(lambda: not run.active)
            assert run.made < 5_000
            assert mine.status == "idle"
            shown = mine.log.last
            assert not any(event.draft.ends_run for event in mine.log.since(0, 10_000)), "the end is not stored yet"
            mortal_engine.start()
            thread = await over(two, thread_id)
            events = thread.log.since(0, 10_000)
            assert [event.seq for event in events] == list(range(1, thread.log.last + 1))
            assert thread.log.last > shown
            assert "was away too long" in events[-1].draft.data["error"]
            assert sum(event.draft.pieces for event in events if event.draft.is_token) == run.made
            assert "result" in await two.start(thread_id, n_tokens=1), "the next turn works"
            await over(two, thread_id)

    asyncio.run(scene())
