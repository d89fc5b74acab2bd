"""What a person in trouble types finds the right entry among the first three: the list in phrases.yaml."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from guide.book import Book
from guide.search.entries import entries
from guide.search.index import Index
from tests.every import every

PHRASES: dict[str, dict[str, str]] = yaml.safe_load(
    Path(__file__).with_name("phrases.yaml").read_text(encoding="utf-8")
)


@pytest.fixture(scope="module")
def index(ours: Book) -> Index:
    return Index(entries(ours))


def test_the_list_is_long_enough() -> None:
    assert (len(PHRASES["outsiders"]), len(PHRASES["ours"]) >= 40) == (104, True)


@every("asked", [(phrase, right) for part in PHRASES.values() for phrase, right in part.items()])
def test_a_phrase_finds_its_entry(index: Index, asked: tuple[str, str]) -> None:
    phrase, right = asked
    assert right in [hit.entry.id for hit in index.search(phrase)[:3]]
