import asyncio

import pytest

from demos.limits import Limits
from demos.log import BOOT
from demos.refusal import Refusal
from demos.settings import Settings
from demos.subscriptions import Subscriptions
from demos.threads import Threads
from tests.demos.toys import ToyAgent, loader

MESSAGES = {"channels": ["messages"]}


def scene(most: int = 9) -> tuple[Subscriptions, str, str]:
    """Subscriptions, and a thread with one run on it that has ended."""
    threads = Threads(Limits(), loader(ToyAgent()), lambda thread_id: 0)

    async def run() -> tuple[str, str]:
        thread, made = threads.start(threads.make().id, "hi", Settings(n_tokens=2))
        while made.active:
            await asyncio.sleep(0)
        return thread.id, made.id

    return Subscriptions(threads, 1.0, most), *asyncio.run(run())


def test_ids_are_new_each_time_and_restore_their_own_thread_only():
    subscriptions, thread, run = scene()
    first, reader = subscriptions.subscribe(thread, {**MESSAGES, "since": 0})
    second, _ = subscriptions.subscribe(thread, MESSAGES)
    assert first != second
    assert (reader.behind, reader.tip) == (7, 7)
    told, readers = subscriptions.reconnect(
        thread, {"run_id": run, "last_event_id": f"{BOOT}-5", "subscriptions": [first, second]}
    )
    assert (told["restored"], told["missed_events"], [*readers]) == (True, 2, [first, second])
    with pytest.raises(Refusal, match="no thread"):
        subscriptions.reconnect("another", {"subscriptions": [first]})


def test_the_oldest_are_forgotten_and_then_nothing_is_restored():
    subscriptions, thread, run = scene(most=2)
    keys = [subscriptions.subscribe(thread, MESSAGES)[0] for _ in range(3)]
    told, readers = subscriptions.reconnect(thread, {"run_id": run, "subscriptions": keys})
    assert (told["restored"], readers) == (False, {})
    assert subscriptions.reconnect(thread, {"run_id": run, "subscriptions": keys[1:]})[0]["restored"]


@pytest.mark.parametrize("event_id", ["other-3", "3", "", f"{BOOT}-x", 7])
def test_positions_of_another_process_are_refused(event_id):
    subscriptions, thread, run = scene()
    with pytest.raises(Refusal, match=r"restarted|not one of ours"):
        subscriptions.reconnect(thread, {"run_id": run, "last_event_id": event_id})
