"""One engine for all tests here that do not harm it, each with keys of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.demos.replicas.engines import RunningEngine, program, running_engine

HERE = Path(__file__).parent


def pytest_itemcollected(item: pytest.Item) -> None:
    if HERE in item.path.parents:
        item.add_marker(pytest.mark.engine)
        if program() is None:
            item.add_marker(pytest.mark.skip(reason="no Redis or Valkey on this machine"))


@pytest.fixture(scope="session")
def engine() -> Iterator[RunningEngine]:
    with running_engine() as running:
        yield running


@pytest.fixture
def mortal_engine() -> Iterator[RunningEngine]:
    """One that the test may kill. It keeps nothing on the disk."""
    with running_engine() as running:
        yield running
