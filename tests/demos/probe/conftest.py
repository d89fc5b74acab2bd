"""Both targets, started once."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import pytest

from tests.demos.probe.servers import target


@pytest.fixture(scope="session")
def targets() -> Iterator[Callable[[str], int]]:
    """name -> port; started when it is first asked for."""
    with ExitStack() as stack:

        @cache
        def start(name: str) -> int:
            return stack.enter_context(target(name))

        yield start
