"""One server with a toy agent for all tests that need nothing special."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.demos.stub_model import Stub, stub_model
from tests.demos.toys import Served, backend, served
from tests.demos.wire import still_serves


@pytest.fixture(scope="session")
def running() -> Iterator[Served]:
    with served() as server:
        yield server


@pytest.fixture
def site(running: Served) -> Iterator[Served]:
    yield running
    running.hang_up()


@pytest.fixture(scope="session")
def shared_stub() -> Iterator[Stub]:
    with stub_model() as stub:
        yield stub


@pytest.fixture
def stub(shared_stub: Stub) -> Stub:
    """A model's server that was asked nothing yet."""
    shared_stub.forget()
    return shared_stub


@pytest.fixture(scope="session")
def short_of_time() -> Iterator[Served]:
    with served(backend(head_seconds=1, body_seconds=1, close_seconds=1, write_seconds=1, client_streams=20)) as server:
        yield server


@pytest.fixture
def besieged(short_of_time: Served) -> Iterator[Served]:
    """A server that still serves everybody else after what a test did to it, and has nothing left open."""
    yield short_of_time
    still_serves(short_of_time)
