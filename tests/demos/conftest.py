"""One server with a toy agent for all tests that need nothing special."""

from collections.abc import Iterator

import pytest

from tests.demos.toys import Served, served


@pytest.fixture(scope="session")
def running() -> Iterator[Served]:
    with served() as server:
        yield server


@pytest.fixture
def site(running: Served) -> Iterator[Served]:
    yield running
    running.hang_up()
