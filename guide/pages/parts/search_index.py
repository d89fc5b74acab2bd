"""Holds the search index of this project's book, which every page shares."""

from __future__ import annotations

import functools

from guide.book import book
from guide.search.entries import entries
from guide.search.index import Index


@functools.cache
def index() -> Index:
    """The index, made on first use: it takes about a quarter of a second."""
    return Index(entries(book()))
