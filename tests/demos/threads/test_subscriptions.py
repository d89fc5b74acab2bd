from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demos.limits import Limits
from demos.protocol.errors import Refusal
from demos.protocol.events import Event
from demos.protocol.run_options import Settings
from demos.threads.reader import Ping, Reader
from demos.threads.registry import Threads
from demos.threads.subscriptions import Subscriptions
from tests.demos.toys import ToyAgent, loader

MESSAGES = {"channels": ["messages"]}
ALL = {"channels": ["messages", "lifecycle", "values"], "since": 0}


def scene(most: int = 9, kept: int = 99) -> tuple[Subscriptions, str, str]:
    """Subscriptions, and a thread with one run on it that has ended."""
    threads = Threads(Limits(thread_events=kept), loader(ToyAgent()), lambda thread_id: 0)

    async def run() -> tuple[str, str]:
        thread, made = threads.start(threads.make().id, "hi", Settings(n_tokens=2))
        while made.active:
            await asyncio.sleep(0)
        return thread.id, made.id

    return Subscriptions(threads, 0, most), *asyncio.run(run())


def test_ids_are_new_each_time_and_restore_their_own_thread_only() -> None:
    subscriptions, thread, run = scene()
    first, reader = subscriptions.subscribe(thread, {**MESSAGES, "since": 0})
    second, _ = subscriptions.subscribe(thread, MESSAGES)
    assert first != second
    assert (reader.behind, reader.tip) == (7, 7)
    told, readers = subscriptions.reconnect(
        thread, {"run_id": run, "last_event_id": f"{epoch(subscriptions, thread)}-5", "subscriptions": [first, second]}
    )
    assert (told["restored"], told["missed_events"], [*readers]) == (True, 2, [first, second])
    with pytest.raises(Refusal, match="no thread"):
        subscriptions.reconnect("another", {"subscriptions": [first]})


def test_the_oldest_are_forgotten_and_then_nothing_is_restored() -> None:
    subscriptions, thread, run = scene(most=2)
    keys = [subscriptions.subscribe(thread, MESSAGES)[0] for _ in range(3)]
    told, readers = subscriptions.reconnect(thread, {"run_id": run, "subscriptions": keys})
    assert (told["restored"], readers) == (False, {})
    assert subscriptions.reconnect(thread, {"run_id": run, "subscriptions": keys[1:]})[0]["restored"]


def epoch(subscriptions: Subscriptions, thread: str) -> str:
    return subscriptions._threads.get(thread).log.epoch


async def numbers(reader: Reader, most: int = 99) -> list[int | str]:
    """What comes before the first heartbeat, or until the connection is lost."""
    found: list[int | str] = []
    async for batch in reader:
        if isinstance(batch[0], Ping):
            break
        found += [item.seq if isinstance(item, Event) else "gap" for item in batch]
    return found[:most]


@given(cut=st.integers(0, 8), named=st.lists(st.integers(0, 3), max_size=5), kept=st.sampled_from([3, 99]))
def test_reconnecting_goes_on_from_the_last_event_or_restores_nothing(cut: int, named: list[int], kept: int) -> None:
    subscriptions, thread, run = scene(kept=kept)
    keys = [subscriptions.subscribe(thread, ALL)[0] for _ in range(3)] + ["sub-of-another-process"]
    came = asyncio.run(numbers(subscriptions.reader(thread, ALL), cut))
    whole = list(range(1, 8)) if kept == 99 else ["gap", 5, 6, 7]
    assert came == whole[:cut]
    last = max([0, *(seq for seq in came if isinstance(seq, int))])
    event_id = {"last_event_id": f"{epoch(subscriptions, thread)}-{last}"} if last else {}
    asked = [keys[n] for n in named]
    told, readers = subscriptions.reconnect(thread, {"run_id": run, "subscriptions": asked, **event_id})
    assert told["restored"] is (bool(named) and 3 not in named)
    assert told["missed_events"] == 7 - last
    assert [*readers] == (list(dict.fromkeys(asked)) if told["restored"] else [])
    for reader in readers.values():
        assert asyncio.run(numbers(reader)) == (whole if not last else list(range(last + 1, 8)))


@pytest.mark.parametrize("event_id", ["other-3", "3", "other-x", 7])
def test_positions_of_another_log_are_refused(event_id: object) -> None:
    subscriptions, thread, run = scene()
    with pytest.raises(Refusal, match=r"another log|not one of ours"):
        subscriptions.reconnect(thread, {"run_id": run, "last_event_id": event_id})
