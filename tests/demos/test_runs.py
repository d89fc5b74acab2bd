import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from demos.limits import Limits
from demos.refusal import Refusal
from demos.runs import Agent, Run, Thread
from demos.settings import Settings
from tests.demos.toys import ToyAgent, loader, never


def scene(act: Callable[[Thread], Awaitable[Any]], agent: Agent | None = None, **limits: int) -> Thread:
    async def run() -> Thread:
        thread = Thread("t", Limits(**limits), loader(agent or ToyAgent()))
        await act(thread)
        return thread

    return asyncio.run(run())


async def over(run: Run) -> None:
    while run.active:
        await asyncio.sleep(0)


def told(thread: Thread) -> list[str]:
    """The events of a thread, in short."""
    return [f"{event.draft.method} {event.draft.data.get('event', '')}".strip() for event in thread.log.since(0)]


def test_a_run_tells_its_beginning_its_tokens_and_its_end():
    async def act(thread: Thread) -> None:
        await over(thread.start("hi", Settings(n_tokens=2)))

    thread = scene(act)
    start, delta, finish = (f"messages {event}" for event in ("message-start", "content-block-delta", "message-finish"))
    assert told(thread) == ["lifecycle started", start, delta, delta, finish, "values", "lifecycle completed"]
    assert thread.run is not None
    assert list(thread.run.answer_seqs) == [3, 4]
    assert thread.status == "idle"


def test_a_stop_ends_what_is_open_and_then_the_run():
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


def test_a_stop_before_the_task_has_begun_still_ends_the_run():
    async def act(thread: Thread) -> None:
        run = thread.start("hi", Settings())
        run.stop()
        await over(run)

    assert told(scene(act)) == ["lifecycle started", "lifecycle failed"]


def test_a_failing_agent_ends_the_run_with_the_reason():
    async def act(thread: Thread) -> None:
        await over(thread.start("fail", Settings()))

    thread = scene(act)
    assert told(thread)[-2:] == ["messages error", "lifecycle failed"]
    assert "out of order" in thread.log.since(0)[-1].draft.data["error"]


def test_a_run_has_a_time_limit():
    async def act(thread: Thread) -> None:
        await over(thread.start("hi", Settings()))

    thread = scene(act, ToyAgent(never), run_seconds=0)
    assert "which is the limit" in thread.log.since(0)[-1].draft.data["error"]


def test_a_human_is_asked_and_the_run_goes_on_after_the_response():
    async def act(thread: Thread) -> None:
        await over(thread.start("hi", Settings(approve=True, n_tokens=1)))
        assert (thread.status, list(thread.pending)) == ("interrupted", ["i1"])
        with pytest.raises(Refusal, match="No question"):
            thread.respond({"nope": 1})
        assert thread.respond({"i1": "yes"}) == 3
        with pytest.raises(Refusal, match="No question"):
            thread.respond({"i1": "yes"})
        await over(thread.find(None))

    thread = scene(act)
    assert told(thread)[:4] == ["lifecycle started", "input.requested", "lifecycle interrupted", "lifecycle running"]
    assert told(thread)[-1] == "lifecycle completed"
    assert "yes" in thread.values["messages"][0]


def test_a_waiting_run_can_be_stopped():
    async def act(thread: Thread) -> None:
        await over(thread.start("hi", Settings(approve=True)))
        thread.find(None).stop()

    thread = scene(act)
    assert told(thread)[-1] == "lifecycle failed"
    assert not thread.pending


def test_one_run_at_a_time_and_numbers_go_on():
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


def test_going_down_is_not_an_end():
    async def act(thread: Thread) -> None:
        run = thread.start("hi", Settings())
        await asyncio.sleep(0)
        task = next(task for task in asyncio.all_tasks() if task.get_name() == f"run {run.id}")
        task.cancel()
        await over(run)

    assert "lifecycle failed" not in told(scene(act, ToyAgent(never)))
