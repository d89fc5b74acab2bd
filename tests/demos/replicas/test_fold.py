"""What a follower knows of a thread is what its writer knows: both take in the same entries."""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from demos.limits import Limits
from demos.protocol.events import Draft, Event, Note
from demos.protocol.run_options import Pace, Settings
from demos.replicas.store.entries import Entry
from demos.threads.event_log import MemoryLog
from demos.threads.runs import Thread
from tests import virtual_time
from tests.demos.toys import ToyAgent, loader


class Recorded(MemoryLog):
    """Notes down what the engine would be given, as the bytes that it would hand out again."""

    def __init__(self) -> None:
        super().__init__(10_000, 10_000_000)
        self.entries: list[Entry] = []
        self._notes = 0

    def append(self, draft: Draft) -> Event:
        event = super().append(draft)
        self._write(Entry((event.seq, 1), event, draft.note))
        return event

    def note(self, note: Note) -> None:
        self._notes += 1
        self._write(Entry((self.last, 1 + self._notes), None, note))

    def _write(self, entry: Entry) -> None:
        number, place, text, pieces, note = (str(field).encode() for field in entry.fields())
        self.entries.append(Entry.read(number + b"-" + place, {b"t": text, b"p": pieces, b"n": note}))


def known(thread: Thread) -> dict[str, Any]:
    runs = [
        {
            "id": run.id, "base": run.base, "last": run.last, "made": run.made, "answer": run.answer, "next": run.next,
            "pending": {key: dict(draft.data) for key, draft in run.pending.items()}, "outcome": run.outcome,
            "answered": run.answered, "settings": run.settings, "inputs": run.mailbox.count, "ids": run.inputs,
        }
        for run in thread.runs.values()
    ]  # fmt: skip
    about = {"values": thread.values, "status": thread.status, "turns": thread.turns, "held": thread.is_held}
    return {"runs": runs, **about}


async def act(thread: Thread, steps: list[tuple[str, int]]) -> None:
    for step, number in steps:
        run = thread.run
        if step == "start" and (run is None or run.ended):
            settings = Settings(pace=Pace(seed=number), n_tokens=number % 5 + 1, approve=number % 2 == 0)
            thread.start("fail" if number == 9 else "hi", settings)
        elif step == "answer" and run is not None and run.pending:
            thread.respond(dict.fromkeys(run.pending, f"said {number}"))
        elif step == "inject" and run is not None and run.active:
            thread.inject(f"remark {number}", None if number % 2 else f"id{number}")
        elif step == "stop" and run is not None:
            run.stop()
        await asyncio.sleep(number / 10)


STEPS = st.lists(st.tuples(st.sampled_from(("start", "answer", "inject", "stop")), st.integers(0, 9)), max_size=12)


@given(STEPS, st.booleans())
def test_a_follower_knows_what_the_writer_knows(steps: list[tuple[str, int]], coalesced: bool) -> None:
    async def scene() -> tuple[Thread, list[Entry]]:
        log = Recorded()
        agent = ToyAgent(lambda n: asyncio.sleep(0.05 * n))
        thread = Thread("t", Limits(), loader(agent), coalesce_s=0.2 if coalesced else 0, log=log)
        await act(thread, steps)
        while thread.run is not None and thread.run.active:
            await asyncio.sleep(1)
        return thread, log.entries

    async def followed() -> None:
        writer, entries = await scene()
        follower = Thread("t", Limits(), loader(ToyAgent()))
        for entry in entries:
            if entry.event is not None:
                follower.fold(entry.event)
            elif entry.note is not None:
                follower.fold_note(entry.note, entry.place[0])
        assert known(follower) == known(writer)

    virtual_time.run(followed())
