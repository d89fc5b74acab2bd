"""Calls a function on SIGINT and SIGTERM, before the server starts to wait for open responses."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def before_signals(act: Callable[[], None]) -> Iterator[None]:
    """Run `act` in the event loop on a signal, while the block lasts; earlier handlers of the signal still run.

    uvicorn waits for open responses before it ends the lifespan, and Streamlit sets no time limit: without this, one
    open event stream keeps the process alive for ever.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may set handlers; tests serve from others
        return
    loop = asyncio.get_running_loop()
    previous = {number: signal.getsignal(number) for number in SIGNALS}
    for number in SIGNALS:
        signal.signal(number, _chain(act, loop, previous[number]))
    try:
        yield
    finally:
        for number in SIGNALS:
            signal.signal(number, previous[number])


def _chain(
    act: Callable[[], None], loop: asyncio.AbstractEventLoop, previous: Any
) -> Callable[[int, FrameType | None], None]:
    def caught(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(act)
        if callable(previous):
            previous(number, frame)

    return caught
