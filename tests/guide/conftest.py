"""Two books: ours, and a toy one for tests of the rules as such."""

from __future__ import annotations

import pytest

from guide.book import Book, book
from guide.model import Evidence
from tests.guide import toy
from tests.guide.records import evidence_of_a_drop


@pytest.fixture(scope="session")
def ours() -> Book:
    return book()


@pytest.fixture(scope="session")
def teahouse(tmp_path_factory: pytest.TempPathFactory) -> Book:
    return toy.book(tmp_path_factory.mktemp("toy"))


@pytest.fixture(scope="session")
def evidence() -> Evidence:
    """Two measurements as a lab would post them."""
    return evidence_of_a_drop()
