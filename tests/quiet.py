"""Tests that time something, or would starve: they wait for their turn, and others wait for them."""

from __future__ import annotations

import fcntl
from collections.abc import Generator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO

import pytest


class Quiet:
    """Where several workers share the tests, one marked `quiet` has the machine to itself: what it times is its own.
    One marked `calm` shares it with two more of these: it would starve beside four others.

    Places stand for locks. Whoever runs holds all of them shared; a calm test one of them alone, a quiet one all.
    DOOR is kept while one waits for them, so that no further test begins.
    """

    DOOR = Path(__file__)
    PLACES = tuple(Path(__file__).with_name(f"{name}.py") for name in ("conftest", "patience", "workers"))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        with ExitStack() as ends:
            door, *places = (ends.enter_context(path.open()) for path in (self.DOOR, *self.PLACES))
            fcntl.flock(door, fcntl.LOCK_EX)
            if item.get_closest_marker("calm") is not None:
                _lock_one(places)
            else:
                how = fcntl.LOCK_SH if item.get_closest_marker("quiet") is None else fcntl.LOCK_EX
                for place in places:
                    fcntl.flock(place, how)
            fcntl.flock(door, fcntl.LOCK_UN)
            return (yield)  # closing lets go


def _lock_one(places: Sequence[IO[str]]) -> None:
    """Hold one of these places alone: the first that is free, or else the first."""
    for place in places:
        try:
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        return
    fcntl.flock(places[0], fcntl.LOCK_EX)
