from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any, Literal

import pytest

from demos.agent.steering import Heard, nothing
from demos.limits import Limits
from demos.protocol.errors import Refusal
from demos.protocol.events import Draft
from demos.protocol.run_options import Settings
from demos.threads.runs import Agent, Run, Thread
from tests import virtual_time
from tests.demos.toys import ToyAgent, loader, never


def scene(act: Callable[[Thread], Awaitable[Any]], agent: Agent | None = None, **limits: int) -> Thread:
    async def run() -> Thread:
        thread = Thread("t", Limits(**limits), loader(agent or ToyAgent()))
        await act(thread)
        return thread

    return virtual_time.run(run())


async def over(run: Run) -> None:
    while run.active:
        await asyncio.sleep(0)


def told(thread: Thread) -> list[str]:
    """The events of a thread, in short."""
    return [f"{event.draft.method} {event.draft.data.get('event', '')}".strip() for event in thread.log.since(0)]


def test_a_run_tells_its_beginning_its_tokens_and_its_end() -> None:
    async def act(thread: Thread) -> None:
        await over(thread.start("hi", Settings(n_tokens=2)))

    thread = scene(act)
    start, delta, finish = (f"messages {event}" for event in ("message-start", "content-block-delta", "message-finish"))
    assert told(thread) == ["lifecycle started", start, delta, delta, finish, "values", "lifecycle completed"]
    assert thread.run is not None
    assert thread.run.answer == {3: 1, 4: 1}
    assert thread.status == "idle"


def test_a_stop_ends_what_is_open_and_then_the_run() -> None:
    async def act(thread: Thread) -> None:
        run = thread.start("hi", Settings())
        while len(told(thread)) < 2:
            await asyncio.sleep(0)
        run.stop()
        await over(run)
        run.stop()

    thread = scene(act, ToyAgent(never))
    assert told(thread)[-2:] == ["messages error", "lifecycle failed"]
    assert thread.log.since(0)[-1].draft.data["error"] == "cancelled"


def test_a_stop_before_the_task_has_begun_still_ends_the_run() -> None:
    async def act(thread: Thread) -> None:
        run = thread.start("hi", Settings())
        run.stop()
        await over(run)

    assert told(scene(act)) == ["lifecycle started", "lifecycle failed"]


def test_a_failing_agent_ends_the_run_with_the_reason() -> None:
    async def act(thread: Thread) -> None:
        await over(thread.start("fail", Settings()))

    thread = scene(act)
    assert told(thread)[-2:] == ["messages error", "lifecycle failed"]
    assert "out of order" in thread.log.since(0)[-1].draft.data["error"]


def test_a_run_has_a_time_limit() -> None:
    async def act(thread: Thread) -> None:
        await over(thread.start("hi", Settings()))

    thread = scene(act, ToyAgent(never), run_seconds=0)
    assert "which is the limit" in thread.log.since(0)[-1].draft.data["error"]


def test_a_human_is_asked_and_the_run_goes_on_after_the_response() -> None:
    async def act(thread: Thread) -> None:
        await over(thread.start("hi", Settings(approve=True, n_tokens=1)))
        assert (thread.status, list(thread.pending)) == ("interrupted", ["i1"])
        with pytest.raises(Refusal, match="'nope' does not wait for one"):
            thread.respond({"nope": 1})
        with pytest.raises(Refusal, match="nobody would hear it"):
            thread.inject("hello")
        with pytest.raises(Refusal, match="responses is empty"):
            thread.respond({})
        assert thread.respond({"i1": "yes"}) == 3
        assert thread.respond({"i1": "yes"}) == 3, "said twice, as after a lost reply: taken once"
        with pytest.raises(Refusal, match="has another response already"):
            thread.respond({"i1": "no"})
        await over(thread.find(None))
        assert thread.respond({"i1": "yes"}) == 3, "and after the end"

    thread = scene(act)
    assert told(thread)[:4] == ["lifecycle started", "input.requested", "lifecycle interrupted", "lifecycle running"]
    assert told(thread)[-1] == "lifecycle completed"
    assert "yes" in thread.values["messages"][0]


def test_a_stop_in_the_moment_in_which_a_run_comes_to_wait_is_not_lost() -> None:
    async def act(thread: Thread) -> None:
        run = thread.start("hi", Settings(approve=True))
        while any(task.get_name() == f"run {run.id}" for task in asyncio.all_tasks()):
            await asyncio.sleep(0)
        assert run.active, "its task is over, and not yet cleared away"
        run.stop()
        await over(run)

    thread = scene(act)
    assert told(thread)[-1] == "lifecycle failed"
    assert thread.find(None).outcome == "cancelled"
    assert not thread.pending


def test_a_waiting_run_can_be_stopped() -> None:
    async def act(thread: Thread) -> None:
        await over(thread.start("hi", Settings(approve=True)))
        thread.find(None).stop()

    thread = scene(act)
    assert told(thread)[-1] == "lifecycle failed"
    assert not thread.pending


def test_one_run_at_a_time_and_numbers_go_on() -> None:
    async def act(thread: Thread) -> None:
        first = thread.start("hi", Settings())
        with pytest.raises(Refusal, match="wait for its end"):
            thread.start("hi", Settings())
        await over(first)
        second = thread.start("hi", Settings())
        assert second.base == thread.log.last - 1 > 0
        await over(second)
        assert thread.find(first.id) is first
        with pytest.raises(Refusal, match="no run"):
            thread.find("nosuch")

    scene(act)


def test_going_down_is_not_an_end() -> None:
    async def act(thread: Thread) -> None:
        run = thread.start("hi", Settings())
        await asyncio.sleep(0)
        task = next(task for task in asyncio.all_tasks() if task.get_name() == f"run {run.id}")
        task.cancel()
        await over(run)

    assert "lifecycle failed" not in told(scene(act, ToyAgent(never)))


class TwoQuestions(ToyAgent):
    """Asks two humans at once."""

    async def start(
        self, thread: str, question: str, settings: Settings, heard: Heard = nothing, run: str | None = None
    ) -> AsyncGenerator[Draft, None]:
        for key in ("i1", "i2"):
            yield Draft("input.requested", {"interrupt_id": key, "payload": "Sure?", "value": "Sure?"})


def test_with_two_questions_the_run_goes_on_when_both_are_answered() -> None:
    async def act(thread: Thread) -> None:
        run = thread.start("hi", Settings(n_tokens=1))
        await over(run)
        before = thread.respond({"i2": "b"})
        assert (thread.status, list(thread.pending), run.active) == ("interrupted", ["i1"], False)
        assert thread.respond({"i1": "a"}) == before
        await over(run)

    thread = scene(act, TwoQuestions())
    assert thread.values["messages"] == [f'{thread.memory}: {{"i2": "b", "i1": "a"}}']
    assert told(thread).count("lifecycle running") == 1


def test_a_stop_says_how_much_was_made_and_what_nobody_has_seen() -> None:
    async def third(n: int) -> None:
        if n == 3:
            await asyncio.Event().wait()

    async def act(thread: Thread) -> None:
        run = thread.start("hi", Settings(n_tokens=9))
        while run.made < 3:
            await asyncio.sleep(0)
        assert [run.unseen(seen) for seen in (0, 2, 3, 5, 99)] == [3, 3, 2, 0, 0]
        run.stop()
        await over(run)

    assert scene(act, ToyAgent(third)).find(None).outcome == "cancelled"


@pytest.mark.parametrize("policy", ["keep", "stop"])
def test_what_becomes_of_a_run_that_nobody_reads(policy: Literal["keep", "stop"]) -> None:
    readers = [1]

    async def act() -> str:
        thread = Thread("t", Limits(), loader(ToyAgent(never)), readers=lambda: readers[0])
        run = thread.start("hi", Settings(on_disconnect=policy, grace_ms=0))
        await asyncio.sleep(0.01)
        assert run.active, "somebody reads"
        readers[0] = 0
        run.start_grace_period()
        await asyncio.sleep(0.01)
        run.stop()
        await over(run)
        error: str = thread.log.since(0)[-1].draft.data["error"]
        return error

    stopped = "cancelled: nobody was reading for 0 ms"
    assert virtual_time.run(act()) == {"keep": "cancelled", "stop": stopped}[policy]


def test_the_time_of_grace_begins_again_for_whoever_came_back() -> None:
    readers = [0]

    async def act() -> None:
        thread = Thread("t", Limits(), loader(ToyAgent(never)), readers=lambda: readers[0])
        run = thread.start("hi", Settings(on_disconnect="stop", grace_ms=60))
        await asyncio.sleep(0.04)
        readers[0] = 1
        await asyncio.sleep(0.04)
        readers[0] = 0
        run.start_grace_period()
        await asyncio.sleep(0.04)
        assert run.active
        while run.active:
            await asyncio.sleep(0.005)

    virtual_time.run(act())


def test_fast_text_is_joined_in_the_log_and_counted_piece_by_piece() -> None:
    async def act() -> Thread:
        thread = Thread("t", Limits(), loader(ToyAgent()), coalesce_s=3600)
        await over(thread.start("hi", Settings(n_tokens=50)))
        return thread

    thread = virtual_time.run(act())
    run = thread.find(None)
    assert (run.made, run.answer) == (50, {3: 1, 4: 49})
    joined = "".join(event.draft.text or "" for event in thread.log.since(0))
    assert joined == "".join(f"word{n} " for n in range(50))
    assert told(thread)[-3:] == ["messages message-finish", "values", "lifecycle completed"]


def test_what_is_said_to_a_run_is_heard_at_its_next_token() -> None:
    async def second(n: int) -> None:
        if n == 1:
            made[0].inject("shorter")

    async def act(thread: Thread) -> None:
        made.append(thread)
        with pytest.raises(Refusal, match="nobody would hear it"):
            thread.inject("too soon")
        run = thread.start("hi", Settings(n_tokens=3))
        await over(run)
        assert run.made == 4
        with pytest.raises(Refusal, match="nobody would hear it"):
            thread.inject("too late")

    made: list[Thread] = []
    thread = scene(act, ToyAgent(second))
    assert [event.draft.text for event in thread.log.since(0) if event.draft.is_token] == [
        "word0 ", "shorter", "word1 ", "word2 "
    ]  # fmt: skip


def test_a_thread_has_so_many_runs_and_no_more() -> None:
    async def scene() -> None:
        made = Thread("t", Limits(turns=2), loader(ToyAgent()))
        for _ in range(2):
            run = made.start("hi", Settings())
            while not run.ended:
                await asyncio.sleep(0)
        with pytest.raises(Refusal, match="has had 2 runs"):
            made.start("hi", Settings())

    virtual_time.run(scene())
