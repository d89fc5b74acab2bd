"""Replay as properties: whatever is cut, evicted or filtered, a reader gets what it asked for once, or a loud gap.

The machine below compares readers of the real log with a model that keeps every event for ever and is plainly right.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from demos.limits import Limits
from demos.protocol.errors import Refusal
from demos.protocol.events import CHANNELS, Draft, Event
from demos.protocol.run_options import Settings
from demos.threads.positions import Position
from demos.threads.reader import Failure, Ping, Reader, Wanted
from demos.threads.runs import Run, Thread
from tests.demos.toys import ToyAgent, loader

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

    readers = Bundle("readers")

    @initialize(events=st.integers(1, 12), size=st.sampled_from([200, 1500, 10**6]))
    def begin(self, events: int, size: int) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = empty_thread(thread_events=events, thread_bytes=size)
        self.run = Run(self.thread, "", Settings())
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
                Reader(self.thread, Wanted.read(asked), Position(since, self.thread.log.epoch), 0)
            assert (refused.value.status, refused.value.code) == (410, "position_ahead")
            return multiple()
        # Without a position: the run is under way, so from its start.
        return self.opened(asked, 0 if since is None else since, since)

    def opened(self, asked: dict[str, Any], at: int, since: int | None) -> dict[str, Any]:
        after = None if since is None else Position(since, self.thread.log.epoch)
        reader = Reader(self.thread, Wanted.read(asked), after, heartbeat_s=0)
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
        size, tip = 0, len(self.written)
        for seq in range(tip, 0, -1):
            size += Event.number(self.written[seq - 1], seq, "x" * 8, 1_700_000_000_000).size
            if seq < tip and (tip - seq == self.most[0] or size > self.most[1]):
                return seq + 1
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
