"""One server with a toy agent for all tests that need nothing special."""

from collections.abc import Iterator

import pytest

from tests.demos.stub_model import Stub, stub_model
from tests.demos.toys import Served, served


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
