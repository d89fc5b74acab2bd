"""Two books: ours, and a toy one for tests of the rules as such."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from guide.book import Book, book
from guide.model import Evidence
from tests.guide import toy
from tests.guide.records import evidence_of_a_drop
from tests.guide.started import Served, Start, serving


@pytest.fixture(scope="session")
def ours() -> Book:
    return book()


@pytest.fixture(scope="session")
def teahouse(tmp_path_factory: pytest.TempPathFactory) -> Book:
    return toy.book(tmp_path_factory.mktemp("toy"))


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Server snippets, each started when it is first asked for."""
    with ExitStack() as stack:

        @functools.cache
        def start(key: str) -> Served:
            return stack.enter_context(serving(key, tmp_path_factory.mktemp(key) / "copy"))

        yield start


@pytest.fixture(scope="session")
def evidence() -> Evidence:
    """Two measurements as a lab would post them."""
    return evidence_of_a_drop()
