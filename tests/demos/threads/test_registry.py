from __future__ import annotations

import asyncio
import gc
import uuid
import weakref
from collections.abc import Callable

import pytest

from demos.limits import Limits
from demos.protocol.errors import Refusal
from demos.protocol.run_options import Settings
from demos.threads.callers import STRANGER, Caller
from demos.threads.registry import Threads
from tests.demos.toys import ToyAgent, loader, never


def threads(readers: Callable[[str], int] = lambda _: 0, agent: ToyAgent | None = None, **limits: int) -> Threads:
    return Threads(Limits(**limits), loader(agent or ToyAgent()), readers)


def test_made_found_and_not_found() -> None:
    made = threads()
    thread = made.make()
    assert made.get(thread.id) is thread
    with pytest.raises(Refusal, match="There is no thread 'nosuch'"):
        made.get("nosuch")


def test_clients_may_mint_ids_but_only_uuids() -> None:
    made, id = threads(), str(uuid.uuid4())
    assert made.make(id) is made.make(id.upper())
    for wrong in ("../etc", "", 5):
        with pytest.raises(Refusal, match="not a UUID"):
            made.make(wrong)  # type: ignore[arg-type]


def test_when_full_the_idlest_makes_room() -> None:
    made = threads(threads=2)
    first, second = made.make(), made.make()
    first.touched, second.touched = 2.0, 1.0
    made.make()
    assert made.forgotten == [second.memory]
    assert len(made) == 2


def test_a_thread_that_is_made_again_remembers_nothing_and_is_not_swept_with_the_old_one() -> None:
    made, id = threads(threads=1), str(uuid.uuid4())
    old = made.make(id)
    made.make()
    assert made.forgotten == [old.memory]
    made.make(id)
    assert made.get(id).memory not in made.forgotten


def test_a_thread_that_somebody_reads_is_not_forgotten() -> None:
    made = threads(readers=lambda _: 1, threads=1)
    made.make()
    with pytest.raises(Refusal, match="There are 1 threads in use, the limit here"):
        made.make()


def test_idle_threads_are_forgotten_after_a_while() -> None:
    made = threads(idle_seconds=10)
    thread = made.make()
    made.sweep(now=thread.touched + 9)
    assert len(made) == 1
    made.sweep(now=thread.touched + 11)
    assert len(made) == 0


def test_a_thread_is_idle_from_when_its_last_reader_left() -> None:
    reading = 1
    made = threads(readers=lambda _: reading, idle_seconds=10)
    thread = made.make()
    thread.touched -= 99
    made.sweep()
    reading = 0
    made.reader_left(thread.id)
    made.sweep()
    assert len(made) == 1, "whoever was cut a moment ago may come back"
    made.sweep(now=thread.touched + 11)
    assert len(made) == 0


def test_what_is_forgotten_is_freed_without_waiting_for_the_collector() -> None:
    async def scene() -> None:
        made = threads(idle_seconds=1)
        thread, run = made.start(str(uuid.uuid4()), "hi", Settings(n_tokens=50))
        while run.active:
            await asyncio.sleep(0)
        newest, now = weakref.ref(thread.log.since(thread.log.last - 1)[0]), thread.touched
        del thread, run
        made.sweep(now=now + 9)
        assert newest() is None

    gc.disable()
    try:
        asyncio.run(scene())
    finally:
        gc.enable()


def test_runs_are_bounded_and_a_thread_that_writes_is_kept() -> None:
    async def scene() -> None:
        made = threads(agent=ToyAgent(never), runs=1, idle_seconds=1)
        thread, _ = made.start(str(uuid.uuid4()), "hi", Settings())
        with pytest.raises(Refusal, match="There are 1 runs that are being written, the limit here"):
            made.start(str(uuid.uuid4()), "hi", Settings())
        made.sweep(now=thread.touched + 99)
        assert len(made) == 1

    asyncio.run(scene())


def test_room_is_made_by_the_asker_first_and_never_by_who_waits_for_a_human() -> None:
    async def scene() -> None:
        made = threads(threads=5, client_threads=3)
        asked, _ = made.start(str(uuid.uuid4()), "hi", Settings(approve=True), Caller("victim"))
        quiet = made.make(client="victim")
        while not asked.pending or not asked.run or asked.run.active:
            await asyncio.sleep(0)
        asked.touched = quiet.touched = 0.0
        mine = [made.make(client="crowd") for _ in range(50)]
        kept = [thread for thread in mine if made.has(thread.id)]
        assert made.has(asked.id)
        assert made.has(quiet.id)
        assert len(kept) == 3, "a crowd of one address takes what is free, and then from itself"
        stranger = made.make(client="stranger")
        assert made.has(stranger.id)
        assert made.has(quiet.id), "whoever has most pays"

    asyncio.run(scene())


def test_an_address_with_its_share_in_use_is_refused_and_told_when_to_come_back() -> None:
    made = threads(readers=lambda _: 1, threads=9, client_threads=2)
    for _ in range(2):
        made.make(client="crowd")
    with pytest.raises(Refusal, match=r"2 threads in use, the limit for one \(STREAMWISE_MAX_CLIENT_THREADS\)") as full:
        made.make(client="crowd")
    assert (full.value.status, full.value.code, full.value.retry_s) == (429, "too_many_threads", 30)
    made.make(client="victim")


def test_runs_have_a_share_too_whoever_made_the_thread() -> None:
    async def scene() -> None:
        made = threads(agent=ToyAgent(never), runs=3, client_runs=2)
        for _ in range(2):
            made.start(made.make(client="victim").id, "hi", Settings(), Caller("crowd"))
        with pytest.raises(Refusal, match=r"has 2 runs .* the limit for one \(STREAMWISE_MAX_CLIENT_RUNS\)") as full:
            made.start(str(uuid.uuid4()), "hi", Settings(), Caller("crowd"))
        assert full.value.status == 429
        with pytest.raises(Refusal, match="the limit for one"), made.answer("crowd"):
            pass
        with made.answer("victim"):
            assert made.active == 3
            with pytest.raises(Refusal, match="There are 3 runs") as none, made.answer("third"):
                pass
            assert none.value.status == 503

    asyncio.run(scene())


def test_a_key_that_is_used_holds_the_thread() -> None:
    async def scene() -> None:
        made = threads(agent=ToyAgent(never))
        thread = made.make()
        assert made.commanded(thread.id, STRANGER) is thread, "nobody has used its key: it is everybody's"
        with pytest.raises(Refusal, match="has another key"):
            made.commanded(thread.id, Caller(key="wrong"))
        made.start(thread.id, "hi", Settings(), Caller(key=thread.key))
        for stranger in (STRANGER, Caller(key=""), Caller(key=thread.key[:-1]), Caller(key="ü")):
            with pytest.raises(Refusal) as refused:
                made.commanded(thread.id, stranger)
            assert (refused.value.status, refused.value.code) == (403, "not_your_thread")
        assert made.commanded(thread.id, Caller(key=thread.key)) is thread
        assert made.get(thread.id) is thread, "reading needs no key"

    asyncio.run(scene())


def test_an_empty_thread_has_an_empty_state() -> None:
    made = threads()
    state = made.state(made.make().id)
    assert (state["values"], state["next"], state["metadata"]["last_seq"]) == ({}, [], 0)


def test_a_run_that_waited_for_a_human_ends_with_its_thread() -> None:
    async def scene() -> None:
        made = threads(idle_seconds=1)
        thread, run = made.start(str(uuid.uuid4()), "hi", Settings(approve=True, on_disconnect="stop"))
        while run.active:
            await asyncio.sleep(0)
        counters = thread.counters
        assert (thread.status, counters.runs_ended) == ("interrupted", {})
        made.sweep(now=thread.touched + 9)
        assert (len(made), counters.runs_started, counters.runs_ended) == (0, 1, {"cancelled": 1})

    asyncio.run(scene())
