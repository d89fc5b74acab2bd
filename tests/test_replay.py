"""Replay as properties: whatever is cut, evicted, joined or filtered, a reader gets what it asked for once, or a loud gap.

The machine below compares readers of the real log with a model that keeps every event for ever and is plainly right.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule
from hypothesis.stateful import Bundle as Readers

from demos import sse
from demos.carriers import sse_frames, websocket_frames
from demos.coalescing import Coalescer
from demos.events import CHANNELS, Draft, Event
from demos.limits import Limits
from demos.refusal import Refusal
from demos.runs import Run, Thread
from demos.settings import Settings
from demos.streams import Failure, Ping, Reader, Wanted
from tests.demos.test_coalescing import ANY_DRAFT, Clock
from tests.demos.toys import ToyAgent, loader

ALL = Wanted(frozenset(CHANNELS))
SEGMENTS = st.sampled_from(["a", "b", "a:1", "a:2", "b:1", ""])
NAMESPACES = st.lists(SEGMENTS, max_size=3).map(tuple)
DRAFTS = st.one_of(
    st.builds(lambda space, n: Draft("values", {"n": n}, space), NAMESPACES, st.integers(0, 9)),
    st.builds(lambda space, name: Draft("custom", {"name": name}, space), NAMESPACES, st.sampled_from("xy")),
    st.builds(lambda size: Draft("messages", {"event": "x", "text": "ü" * size}), st.integers(0, 300)),
    st.builds(lambda key: Draft("input.requested", {"interrupt_id": key}), st.sampled_from(["q1", "q2"])),
)
SUBSCRIPTIONS = st.fixed_dictionaries(
    {
        "channels": st.lists(st.sampled_from([*CHANNELS, "custom:x"]), min_size=1, max_size=len(CHANNELS)),
        "namespaces": st.lists(NAMESPACES.map(list), max_size=2),
        "depth": st.one_of(st.none(), st.integers(0, 2)),
    }
)


def empty_thread(**limits: int) -> Thread:
    return Thread("t", Limits(**limits), loader(ToyAgent()))


def wants(asked: dict[str, Any], draft: Draft) -> bool:
    """What a subscription asks for, read off the protocol's words."""
    words = {draft.method.removesuffix(".requested"), f"{draft.method}:{draft.data.get('name')}"}
    if not words & set(asked["channels"]):
        return False
    return not asked["namespaces"] or any(
        len(prefix) <= len(draft.namespace) <= len(prefix) + (99 if asked["depth"] is None else asked["depth"])
        and all(here in (want, f"{want}:{here.partition(':')[2]}") for want, here in zip(prefix, draft.namespace))  # noqa: B905
        for prefix in asked["namespaces"]
    )


class Replay(RuleBasedStateMachine):
    """Appends, evictions, questions and answers, readers that come, read, are cut and come back: in any order."""

    readers = Readers("readers")

    @initialize(events=st.integers(1, 12), size=st.sampled_from([200, 1500, 10**6]))
    def begin(self, events: int, size: int) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = empty_thread(thread_events=events, thread_bytes=size)
        self.run = Run(self.thread, Settings())
        self.thread.runs[self.run.id] = self.run
        self.written: list[Draft] = []
        self.most = events, size

    def teardown(self) -> None:
        if hasattr(self, "loop"):
            self.loop.run_until_complete(self.loop.shutdown_asyncgens())
            self.loop.close()

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    @rule(drafts=st.lists(DRAFTS, min_size=1, max_size=5))
    def append(self, drafts: list[Draft]) -> None:
        async def write() -> None:
            for draft in drafts:
                if draft.method == "input.requested":
                    self.run.pending[draft.data["interrupt_id"]] = draft
                self.written.append(draft)
                assert self.thread.log.append(draft).seq == len(self.written)

        self.do(write())

    @rule(key=st.sampled_from(["q1", "q2"]))
    def answer(self, key: str) -> None:
        self.run.pending.pop(key, None)

    @rule(target=readers, asked=SUBSCRIPTIONS, since=st.one_of(st.none(), st.integers(0, 60)))
    def come(self, asked: dict[str, Any], since: int | None) -> Any:
        tip = len(self.written)
        if since is not None and since > tip:
            with pytest.raises(Refusal) as refused:
                Reader(self.thread, Wanted.read(asked), since, 0)
            assert (refused.value.status, refused.value.code) == (410, "position_ahead")
            return multiple()
        # Without a position: the run is under way, so from its start.
        return self.opened(asked, 0 if since is None else since, since)

    def opened(self, asked: dict[str, Any], at: int, since: int | None) -> dict[str, Any]:
        reader = Reader(self.thread, Wanted.read(asked), since, heartbeat_s=0)
        assert reader.behind == len(self.written) - at
        return {"asked": asked, "at": at, "items": aiter(reader)}

    @rule(reader=readers)
    def read(self, reader: dict[str, Any]) -> None:
        """Until it is told that nothing more is there."""
        assert self.do(drained(reader["items"])) == self.due(reader)
        reader["at"] = len(self.written)

    @rule(target=readers, reader=consumes(readers), whole=st.integers(0, 6))
    def be_cut(self, reader: dict[str, Any], whole: int) -> dict[str, Any]:
        """Some items came whole, and it comes back from the last that had a number."""
        due = self.due(reader)
        came = self.do(drained(reader["items"]))[:whole]
        assert came == due[:whole]
        at = max([reader["at"], *(item for item in came if isinstance(item, int))])
        return self.opened(reader["asked"], at, at)

    def due(self, reader: dict[str, Any]) -> list[Any]:
        """By the model: everything after its position, or a gap and then everything from the oldest."""
        oldest = self.oldest()
        lost = reader["at"] < oldest - 1
        open_ = set(self.run.pending)
        return ["gap"] * lost + [
            seq
            for seq, draft in enumerate(self.written, 1)
            if seq > reader["at"] and seq >= oldest and wants(reader["asked"], draft)
            and (draft.method != "input.requested" or draft.data["interrupt_id"] in open_)
        ]  # fmt: skip

    def oldest(self) -> int:
        """By the model: as many of the newest as both limits allow, and always the newest."""
        kept, size = 0, 0
        for seq in range(len(self.written), 0, -1):
            size += len(Event.number(self.written[seq - 1], seq, "x" * 12, 1_700_000_000_000).text)
            if kept and (kept == self.most[0] or size > self.most[1]):
                return seq + 1
            kept += 1
        return 1

    @invariant()
    def the_log_is_no_larger_than_it_may_be(self) -> None:
        if hasattr(self, "thread"):
            log: Any = self.thread.log
            assert (log.last, log.oldest) == (len(self.written), self.oldest())


TestReplay = Replay.TestCase
TestReplay.settings = settings(max_examples=150, stateful_step_count=25)


async def drained(items: AsyncIterator[Any]) -> list[Any]:
    """Numbers and gaps up to the next heartbeat."""
    found: list[Any] = []
    while not isinstance((batch := await anext(items))[0], Ping):
        found += ["gap" if isinstance(item, Failure) else item.seq for item in batch]
    return found


def joined(steps: list[tuple[float, Draft]], window_s: float, **limits: int) -> Thread:
    """A thread on whose log these drafts stand, as joined by a window of that length."""
    thread, clock = empty_thread(**limits), Clock()

    async def write() -> None:
        coalescer = Coalescer(lambda draft: thread.log.append(draft) and None, window_s, clock.later)
        for pause, draft in steps:
            clock.until(clock.now + pause)
            coalescer.take(draft)
        coalescer.close()

    asyncio.run(write())
    return thread


async def carried(thread: Thread, since: int, to_page: bool) -> bytes:
    """What an event stream carries up to its first heartbeat, and that heartbeat."""
    wire = b""
    async for frame in sse_frames(Reader(thread, ALL, since, heartbeat_s=0), to_page):
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
def test_an_event_stream_that_is_cut_at_any_byte_loses_and_repeats_nothing(steps, window_s, cuts, to_page):
    async def scene() -> list[sse.Message]:
        got, last = list[sse.Message](), 0
        for cut in [*cuts, None]:
            decoder = sse.Decoder()
            wire = await carried(thread, last, to_page)
            got += [one for one in decoder.feed(wire[:cut]) if one.event != "ping"]
            last = int(decoder.last_event_id or last)
        return got

    thread = joined(steps, window_s)
    whole = thread.log.since(0, 10**6)
    got = asyncio.run(scene())
    assert [(one.last_event_id, one.data) for one in got] == [(str(event.seq), event.text) for event in whole]
    assert blocks([event.draft for event in whole]) == blocks([draft for _, draft in steps])
    assert sum(event.draft.pieces for event in whole) == len(steps)


def test_every_single_cut_of_one_stream():
    async def scene() -> None:
        wire = await carried(thread, 0, True)
        for cut in range(len(wire) + 1):
            decoder = sse.Decoder()
            came = [one.last_event_id for one in decoder.feed(wire[:cut]) if one.event != "ping"]
            rest = sse.Decoder().feed(await carried(thread, int(decoder.last_event_id or 0), True))
            came += [one.last_event_id for one in rest if one.event != "ping"]
            assert came == [str(event.seq) for event in thread.log.since(0)], cut

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
def test_readers_beside_a_writer_see_the_same_and_every_jump_is_said_aloud(actions, kept, crowd):
    """Real tasks: appended, evicted and read in any interleaving, by few readers and by a crowd (see `MemoryLog`)."""

    async def read(thread: Thread, got: list[Any], since: int) -> None:
        async for text in websocket_frames(Reader(thread, ALL, since, heartbeat_s=60)):
            got.append("gap" if '"gap"' in text else text)

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
