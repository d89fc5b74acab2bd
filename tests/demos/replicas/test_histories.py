"""Random histories of three replicas, one of which may die, against what one server would have done."""

from __future__ import annotations

import asyncio
import re
import uuid
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from demos.protocol.events import Event
from tests.demos.replicas.clusters import Replica, eventually, replicas
from tests.demos.replicas.engines import RunningEngine
from tests.demos.toys import ToyAgent

WORDS = 8
STEP = st.tuples(st.sampled_from(("start", "ask", "answer", "inject", "stop", "wait", "die")), st.integers(0, 2))
HISTORY = st.lists(STEP, min_size=3, max_size=10)


async def slowly(_: int) -> None:
    await asyncio.sleep(0.02)


class History:
    """Carries out steps, and notes what was acknowledged."""

    def __init__(self, found: list[Replica]) -> None:
        self.alive, self.thread_id = found, str(uuid.uuid4())
        self.started: list[str] = []
        """Ids of runs whose start was acknowledged."""
        self.said: dict[str, str] = {}
        """Inputs that were acknowledged: text -> run id."""
        self.stopped: set[str] = set()

    async def do(self, step: str, number: int) -> None:
        replica = self.alive[number % len(self.alive)]
        if step in ("start", "ask"):
            reply = await replica.start(self.thread_id, n_tokens=WORDS, approve=step == "ask")
            if reply["type"] == "success":
                self.started.append(reply["result"]["run_id"])
        elif step == "answer":
            await replica.obey(self.thread_id, "input.respond", interrupt_id="i1", response="yes")
        elif step == "inject":
            text = f"remark{len(self.said)}"
            reply = await replica.obey(self.thread_id, "input.inject", message={"role": "user", "content": text})
            if reply["type"] == "success":
                self.said[text] = self.started[-1]
        elif step == "stop":
            reply = await replica.obey(self.thread_id, "run.cancel")
            if reply["type"] == "success":
                self.stopped.add(reply["result"]["run_id"])
        elif step == "wait":
            await asyncio.sleep(0.05)
        elif len(self.alive) > 2:
            await replica.die()
            self.alive = [each for each in self.alive if each is not replica]

    async def settled(self) -> list[list[Event]]:
        """The log on every replica that lives, once nothing is written any more."""

        async def at_rest() -> bool:
            threads = [await each.thread(self.thread_id) for each in self.alive]
            return all(thread.status != "busy" for thread in threads)

        await eventually(at_rest, 20)
        return [await each.events(self.thread_id) for each in self.alive]


def runs_of(log: list[Event]) -> dict[str, list[Event]]:
    """Events by run."""
    found: dict[str, list[Event]] = {}
    for event in log:
        if (about := (event.draft.note or {}).get("run")) is not None:
            found[about["id"]] = []
        found[next(reversed(found))].append(event)
    return found


def check(history: History, logs: list[list[Event]]) -> None:
    texts = [[event.text for event in log] for log in logs]
    assert all(text == texts[0] for text in texts), "every replica has the same log"
    assert [event.seq for event in logs[0]] == list(range(1, len(logs[0]) + 1))
    runs = runs_of(logs[0])
    assert list(runs) == history.started, "what was acknowledged, in its order, and nothing else"
    for n, (run_id, events) in enumerate(runs.items()):
        ends = [event.draft.data for event in events if event.draft.ends_run]
        is_open = n == len(runs) - 1 and not ends
        assert len(ends) == 1 or is_open
        words = re.findall(r"word\d+|remark\d+", "".join(event.draft.text or "" for event in events))
        assert [word for word in words if word.startswith("word")] == [f"word{n}" for n in range(words_in(words))]
        assert len(words) == len(set(words)), "nothing is said twice"
        if ends and ends[0]["event"] == "completed":
            assert words_in(words) == WORDS
        if ends and ends[0]["event"] == "failed":
            assert run_id in history.stopped


def words_in(words: list[str]) -> int:
    return sum(word.startswith("word") for word in words)


@settings(max_examples=15)
@given(HISTORY)
def test_a_history_ends_as_with_one_server(engine: RunningEngine, steps: list[Any]) -> None:
    async def scene() -> None:
        async with replicas(engine.url, 3, lambda: ToyAgent(slowly)) as found:
            history = History(found)
            for step, number in [("start", 0), *steps]:
                await history.do(step, number)
            check(history, await history.settled())

    asyncio.run(scene())
