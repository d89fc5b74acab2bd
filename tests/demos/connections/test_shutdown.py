from __future__ import annotations

import asyncio
import os
import signal
import threading

from demos.connections.shutdown import before_signals


def test_both_are_told_and_the_old_handler_comes_back() -> None:
    told: list[str] = []

    async def scene() -> None:
        done = asyncio.Event()
        with before_signals(done.set):
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.wait_for(done.wait(), 5)

    old = signal.signal(signal.SIGTERM, lambda *_: told.append("server"))
    try:
        asyncio.run(scene())
        os.kill(os.getpid(), signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, old)
    assert told == ["server", "server"]


def test_in_another_thread_nothing_is_touched() -> None:
    def elsewhere() -> None:
        with before_signals(lambda: None):
            found.append(signal.getsignal(signal.SIGTERM))

    found: list[object] = []
    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert found == [signal.getsignal(signal.SIGTERM)]
