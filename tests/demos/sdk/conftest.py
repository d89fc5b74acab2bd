"""What the SDK leaves behind is not held against the tests that come after."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Iterator

import pytest

from tests.demos.toys import Served, backend, served, shared_scripted


@pytest.fixture(autouse=True)
def sockets_the_sdk_left_open() -> Iterator[None]:
    """After a cut the SDK drops some connections without closing them (0.4.14): they are collected here, in silence."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture(scope="module")
def real() -> Iterator[Served]:
    """The real graph, joining tokens as in production."""
    with served(backend(shared_scripted(), coalesce_s=0.008)) as site:
        yield site
