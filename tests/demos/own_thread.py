"""Runs a call in a thread of its own: where Playwright was used before, this thread has an event loop already."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def in_own_thread(call: Callable[..., T], *given: Any) -> T:
    """What the call returns; it may use `asyncio.run`."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(call, *given).result()
