from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demos.limits import Limits
from demos.protocol.errors import Refusal
from demos.protocol.events import Draft, Event
from demos.protocol.run_options import Settings
from demos.threads.positions import Position, position
from demos.threads.reader import Failure, Ping, Reader, Wanted, heartbeat
from demos.threads.runs import Thread
from tests import virtual_time
from tests.demos.toys import ToyAgent, loader
from tests.patience import seconds

START = Position(0)
EVERYTHING = Wanted(frozenset(("messages", "lifecycle", "input", "values", "custom")))


async def thread(*settings: Settings, **limits: int) -> Thread:
    """A thread on which these runs have come to rest."""
    made = Thread("t", Limits(**limits), loader(ToyAgent()))
    for each in settings:
        run = made.start("hi", each)
        while run.active:
            await asyncio.sleep(0)
    return made


class Gate:
    """Holds an agent back until it is opened."""

    def __init__(self) -> None:
        self._opened = asyncio.Event()

    def open(self) -> None:
        self._opened.set()

    async def __call__(self, token: int) -> None:
        await self._opened.wait()


async def read(made: Thread, since: int | None, wanted: Wanted = EVERYTHING) -> list[Any]:
    """What a reader is handed before its first heartbeat."""
    items = []
    after = None if since is None else Position(since, made.log.epoch)
    async for batch in Reader(made, wanted, after, heartbeat_s=0.01):
        if isinstance(batch[0], Ping):
            break
        items += [item.seq if isinstance(item, Event) else item for item in batch]
    return items


@given(st.lists(st.integers(0, 9), max_size=6))
def test_however_often_it_is_cut_every_event_comes_once_and_in_order(steps: list[int]) -> None:
    async def scene() -> list[int]:
        made = await thread(Settings(n_tokens=4))
        got: list[int] = []
        for step in steps:
            async for batch in Reader(made, EVERYTHING, Position(got[-1] if got else 0), heartbeat_s=0.001):
                if not isinstance(batch[0], Ping):
                    got += [item.seq for item in batch[:step] if isinstance(item, Event)]
                break
        return got + await read(made, got[-1] if got else 0)

    assert virtual_time.run(scene()) == list(range(1, 10))


async def next_batch(reader: Reader) -> list[int]:
    """Numbers of the first events that a reader is handed."""
    async with aclosing(aiter(reader)) as batches:
        return [item.seq for item in await anext(batches) if isinstance(item, Event)]


def ended_long_ago(made: Thread) -> None:
    assert made.run is not None
    made.run.ended_at = -1e9


def test_without_a_position_a_finished_run_is_sent_for_a_while_and_then_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("demos.threads.reader.HOLD_S", 0)

    async def scene() -> list[list[Any]]:
        made = await thread(Settings(n_tokens=1))
        found = [await read(made, None), await read(made, None)]
        ended_long_ago(made)
        return [*found, await read(made, None)]

    assert virtual_time.run(scene()) == [[1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6], []]


def test_however_late_a_run_whose_end_nobody_has_read_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demos.threads.reader.HOLD_S", 0)

    async def scene() -> list[Any]:
        made = await thread(Settings(n_tokens=1))
        ended_long_ago(made)
        return await read(made, None)

    assert virtual_time.run(scene()) == [1, 2, 3, 4, 5, 6]


def test_who_was_lost_before_the_end_is_owed_the_run_whatever_others_have_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demos.threads.reader.HOLD_S", 0)

    async def scene() -> list[list[Any]]:
        agent = ToyAgent(going := Gate())
        made = Thread("t", Limits(), loader(agent))
        run = made.start("hi", Settings(n_tokens=1))
        await next_batch(Reader(made, EVERYTHING, None, 60))  # is lost
        going.open()
        while run.active:
            await asyncio.sleep(0)
        await read(made, 0)  # another one reads to the end
        ended_long_ago(made)
        return [await read(made, None), await read(made, None)]

    owed, later = virtual_time.run(scene())
    assert owed == [1, 2, 3, 4, 5, 6]
    assert later == [], "it was one client that was lost"


def test_whoever_asks_again_at_once_gets_the_new_run_and_not_the_end_of_the_old() -> None:
    async def scene() -> list[int]:
        made = await thread(Settings(n_tokens=1))
        await read(made, 0)
        assert made.run is not None
        assert made.run.ended_at is not None
        made.run.ended_at -= 1
        reader = Reader(made, EVERYTHING, None, 60)
        reading = asyncio.ensure_future(next_batch(reader))
        await asyncio.sleep(0)
        made.start("and now?", Settings(n_tokens=1))
        return await reading

    assert virtual_time.run(scene())[0] == 7


def test_without_a_position_a_waiting_run_is_replayed_as_often_as_asked() -> None:
    async def scene() -> list[list[Any]]:
        made = await thread(Settings(approve=True))
        return [await read(made, None) for _ in range(2)]

    assert virtual_time.run(scene()) == [[1, 2, 3], [1, 2, 3]]


def test_an_answered_question_is_not_asked_again() -> None:
    async def scene() -> list[Any]:
        made = await thread(Settings(approve=True))
        made.respond({"i1": "yes"})
        return await read(made, 0, Wanted(frozenset(("input",))))

    assert virtual_time.run(scene()) == []


def test_an_evicted_position_is_said_aloud_and_the_rest_follows() -> None:
    async def scene() -> list[Any]:
        return await read(await thread(Settings(n_tokens=20), thread_events=5), 2)

    failure, *rest = virtual_time.run(scene())
    assert isinstance(failure, Failure)
    assert "older events were evicted" in failure.text
    assert rest == [21, 22, 23, 24, 25]


def test_a_position_ahead_of_the_log_is_refused() -> None:
    with pytest.raises(Refusal, match="restarted") as refused:
        virtual_time.run(read(virtual_time.run(thread()), 7))
    assert refused.value.status == 410
    assert "The log is empty." in refused.value.message


def test_a_position_ahead_is_told_what_the_log_holds() -> None:
    async def scene() -> None:
        made = await thread(Settings(n_tokens=20), thread_events=5)
        with pytest.raises(Refusal, match=f"The log holds {made.log.last - 4} to {made.log.last}[.]"):
            await read(made, made.log.last + 1)

    virtual_time.run(scene())


@pytest.mark.parametrize("given", ["-1", "49", 49, 600_001, "600001", "x", 1.5, True, "٩٩", "9" * 40, [500]])
def test_heartbeats_out_of_bounds_are_refused(given: object) -> None:
    with pytest.raises(Refusal, match=r"heartbeat_ms is .* Allowed: 0 for none, or a whole number from 50 to 600000"):
        heartbeat(given)


def test_heartbeats() -> None:
    assert [heartbeat(given) for given in (None, "", "0", 0, "50", 600_000)] == [None, None, 0, 0, 50, 600_000]


def test_a_reader_may_want_a_heartbeat_of_its_own_or_none() -> None:
    async def scene() -> tuple[Any, bool]:
        made = await thread()
        own = Wanted(frozenset(("messages",)), heartbeat_ms=50)
        async for batch in Reader(made, own, START, heartbeat_s=3600):
            first = batch[0]
            break
        none = aiter(Reader(made, Wanted(frozenset(("messages",)), heartbeat_ms=0), START, heartbeat_s=0.001))
        waiting = asyncio.ensure_future(anext(none))
        done, _ = await asyncio.wait([waiting], timeout=0.1)
        waiting.cancel()
        return first, bool(done)

    first, spoke = virtual_time.run(scene())
    assert isinstance(first, Ping)
    assert not spoke


def test_events_that_a_reader_did_not_ask_for_put_no_heartbeat_off() -> None:
    async def scene() -> Any:
        made = await thread()

        async def others() -> None:
            while True:
                made.log.append(Draft("values", {}))
                await asyncio.sleep(0.002)

        writing = asyncio.create_task(others())
        try:
            async with asyncio.timeout(seconds(5)):
                async for batch in Reader(made, Wanted(frozenset(("lifecycle",)), heartbeat_ms=50), START, 3600):
                    return batch[0]
        finally:
            writing.cancel()

    assert isinstance(virtual_time.run(scene()), Ping)


@pytest.mark.parametrize(
    "given", ["-1", "x", "1.5", "٣", "9" * 40, True, [1], "a-", "a-b-3", "a b-3", "é-3", f"{'e' * 41}-3", "a-٣"]
)
def test_positions_that_are_none_are_refused(given: object) -> None:
    with pytest.raises(Refusal, match="position"):
        position(given)


def test_positions() -> None:
    read = [position(given) for given in (None, "", "0", 12, "9f3b2c71-12")]
    assert read == [None, None, START, Position(12), Position(12, "9f3b2c71")]


def test_a_position_of_another_log_is_refused_and_never_spliced() -> None:
    """A server was restarted, its thread made again under the same id, and has written as much as before."""

    async def scene() -> None:
        old, new = await thread(Settings(n_tokens=9)), await thread(Settings(n_tokens=9))
        seen = old.log.last - 2
        for foreign in (Position(seen, old.log.epoch), Position(seen), Position(10**9, old.log.epoch)):
            with pytest.raises(Refusal) as refused:
                Reader(new, EVERYTHING, foreign, 0)
            assert refused.value.status == 410
        assert Reader(new, EVERYTHING, Position(seen, new.log.epoch), 0).behind == 2
        assert Reader(new, EVERYTHING, Position(0, old.log.epoch), 0).behind == new.log.last, (
            "the beginning is the same"
        )

    virtual_time.run(scene())


def test_a_bare_number_is_good_where_somebody_was_told_of_it() -> None:
    """By an event, a reply or the state: older clients keep only the number."""

    async def scene() -> None:
        made = await thread(Settings(n_tokens=9))
        with pytest.raises(Refusal, match="another log"):
            Reader(made, EVERYTHING, Position(4), 0)
        made.tell(4)
        assert Reader(made, EVERYTHING, Position(4), 0).behind == made.log.last - 4
        with pytest.raises(Refusal, match="another log"):
            Reader(made, EVERYTHING, Position(5), 0)
        await read(made, 0)
        assert Reader(made, EVERYTHING, Position(made.log.last), 0).behind == 0

    virtual_time.run(scene())


@pytest.mark.parametrize(
    "params", [{}, {"channels": []}, {"channels": "messages"}, {"channels": ["nosuch"]}, {"channels": [1]},
               {"channels": ["messages"], "namespaces": ["a"]}, {"channels": ["messages"], "depth": -1}],
)  # fmt: skip
def test_bad_subscriptions_are_refused(params: dict[str, Any]) -> None:
    with pytest.raises(Refusal):
        Wanted.read(params)


@pytest.mark.parametrize(
    ("params", "draft", "takes"),
    [
        ({"channels": ["input"]}, Draft("input.requested", {}), True),
        ({"channels": ["messages"]}, Draft("values", {}), False),
        ({"channels": ["custom:a"]}, Draft("custom", {"name": "a"}), True),
        ({"channels": ["custom:a"]}, Draft("custom", {"name": "b"}), False),
        ({"channels": ["custom"]}, Draft("custom", {"name": "b"}), True),
        ({"channels": ["values"], "namespaces": [["sub"]]}, Draft("values", {}, ("sub:1",)), True),
        ({"channels": ["values"], "namespaces": [["sub"]]}, Draft("values", {}), False),
        ({"channels": ["values"], "namespaces": [[]], "depth": 0}, Draft("values", {}, ("sub:1",)), False),
    ],
)
def test_filters(params: dict[str, Any], draft: Draft, takes: bool) -> None:
    assert Wanted.read(params).takes(draft) is takes
