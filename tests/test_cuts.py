"""Cuts as properties: of an event stream at any byte, of readers at any moment; nothing is lost, nothing repeated."""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from demos.connections.responses import sse_frames
from demos.limits import Limits
from demos.protocol import sse
from demos.protocol.events import CHANNELS, Draft
from demos.threads.coalescing import Coalescer
from demos.threads.counters import Counters
from demos.threads.positions import Position, position
from demos.threads.reader import Ping, Reader, Wanted
from demos.threads.runs import Thread
from tests.demos.threads.drafts import ANY_DRAFT, Clock
from tests.demos.toys import WAIT_S, ToyAgent, loader

ALL = Wanted(frozenset(CHANNELS))


def empty_thread(**limits: int) -> Thread:
    return Thread("t", Limits(**limits), loader(ToyAgent()))


def joined(steps: list[tuple[float, Draft]], window_s: float, **limits: int) -> Thread:
    """A thread on whose log these drafts stand, as joined by a window of that length."""
    thread, clock = empty_thread(**limits), Clock()

    def put(draft: Draft) -> None:
        thread.log.append(draft)

    async def write() -> None:
        coalescer = Coalescer(put, window_s, clock.later)
        for pause, draft in steps:
            clock.until(clock.now + pause)
            coalescer.add(draft)
        coalescer.close()

    asyncio.run(write())
    return thread


START = Position(0)


async def carried(thread: Thread, since: Position, to_page: bool) -> bytes:
    """What an event stream carries up to its first heartbeat, and that heartbeat."""
    wire = b""
    async for frame in sse_frames(Reader(thread, ALL, since, heartbeat_s=0), Counters(), to_page):
        wire += frame
        if b"ping" in frame:
            break
    return wire


def blocks(drafts: list[Draft]) -> dict[tuple[str, int], str]:
    """The text of each block of each message."""
    said: dict[tuple[str, int], str] = {}
    for draft in drafts:
        if draft.text is not None:
            key = draft.data["id"], draft.data["index"]
            said[key] = said.get(key, "") + draft.text
    return said


STEPS = st.lists(st.tuples(st.floats(0, 0.02), ANY_DRAFT), min_size=1, max_size=20)


@given(STEPS, st.sampled_from([0, 0.008, 0.05]), st.lists(st.integers(0, 3000), max_size=8), st.booleans())
def test_an_event_stream_that_is_cut_at_any_byte_loses_and_repeats_nothing(
    steps: list[tuple[float, Draft]], window_s: float, cuts: list[int], to_page: bool
) -> None:
    async def scene() -> list[sse.Message]:
        got, last = list[sse.Message](), START
        for cut in [*cuts, None]:
            decoder = sse.Decoder()
            wire = await carried(thread, last, to_page)
            got += [one for one in decoder.feed(wire[:cut]) if one.event != "ping"]
            last = position(decoder.last_event_id) or last
        return got

    thread = joined(steps, window_s)
    whole = thread.log.since(0, 10**6)
    got = asyncio.run(scene())
    assert [(one.last_event_id, one.data) for one in got] == [
        (f"{thread.log.epoch}-{event.seq}", event.text) for event in whole
    ]
    assert blocks([event.draft for event in whole]) == blocks([draft for _, draft in steps])
    assert sum(event.draft.pieces for event in whole) == len(steps)


def test_every_single_cut_of_one_stream() -> None:
    async def scene() -> None:
        wire = await carried(thread, START, True)
        for cut in range(len(wire) + 1):
            decoder = sse.Decoder()
            came = [one.last_event_id for one in decoder.feed(wire[:cut]) if one.event != "ping"]
            rest = sse.Decoder().feed(await carried(thread, position(decoder.last_event_id) or START, True))
            came += [one.last_event_id for one in rest if one.event != "ping"]
            assert came == [f"{thread.log.epoch}-{event.seq}" for event in thread.log.since(0)], cut

    thread = empty_thread()
    thread.log.append(Draft("messages", {"event": "x", "text": "a\nü\r\n🦀"}))
    thread.log.append(Draft("values", {}))
    thread.log.append(Draft("lifecycle", {"event": "completed"}))
    asyncio.run(scene())


@given(
    actions=st.lists(st.sampled_from(["write", "write", "write many", "turn", "cut"]), max_size=60),
    kept=st.integers(1, 40),
    crowd=st.sampled_from([1, 2, 40]),
)
@settings(max_examples=60)
def test_readers_beside_a_writer_see_the_same_and_every_jump_is_said_aloud(
    actions: list[str], kept: int, crowd: int
) -> None:
    """Real tasks: appended, evicted and read in any interleaving, by few readers and by a crowd (see `MemoryLog`)."""

    async def read(thread: Thread, got: list[Any], since: int) -> None:
        async for batch in Reader(thread, ALL, Position(since, thread.log.epoch), heartbeat_s=60):
            got += ["gap" if '"gap"' in item.text else item.text for item in batch if not isinstance(item, Ping)]

    async def scene() -> list[list[Any]]:
        thread, texts, n = empty_thread(thread_events=kept), dict[str, int](), 0
        accounts: list[list[Any]] = [[] for _ in range(crowd)]
        tasks = [asyncio.create_task(read(thread, got, 0)) for got in accounts]
        for action in [*actions, "write"]:
            for _ in range({"write": 1, "write many": 20}.get(action, 0)):
                event = thread.log.append(Draft("values", {"n": n}))
                texts[event.text], n = event.seq, n + 1
            if action == "turn":
                await asyncio.sleep(0)
            if action == "cut":
                tasks[0].cancel()
                await asyncio.wait([tasks[0]])
                since = max([0, *(texts[text] for text in accounts[0] if text != "gap")])
                tasks[0] = asyncio.create_task(read(thread, accounts[0], since))
        async with asyncio.timeout(WAIT_S):
            while not all(got and texts.get(got[-1]) == thread.log.last for got in accounts):
                await asyncio.sleep(0.001)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        return [[texts.get(text, "gap") for text in got] for got in accounts]

    for got in asyncio.run(scene()):
        expected = 1
        for before, item in zip(["", *got], got, strict=False):
            if item == "gap":
                continue
            assert item == expected if before != "gap" else item > expected
            expected = item + 1
