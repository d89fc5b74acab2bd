"""Ranks entries for a search: SQLite's full-text index, in memory, with word forms.

A word counts more the fewer entries have it, and more in a title or a name than in the text below. An entry that has
all words of the search stands before one that has some. Where a word is found nowhere, its beginning is looked for.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from guide.search.entries import Entry
from guide.search.terms import terms, wanted

TITLE, NAMES, TEXT = 6.0, 8.0, 1.0
"""What a match weighs in the title, in the names and error texts, and in all else."""
LEAST_SHARE = 0.6
"""Share of a search's words, weighed by how rare they are, that an entry must have."""
SHORTEST_BEGINNING = 3
"""Characters from which on a word that is found nowhere is taken for the beginning of one."""
PHRASE, EXACT = 1.25, 2.5
"""By what an entry counts more that has the words next to each other in its title or names; as one whole name."""
SHORT = 3
"""Letters up to which a word has no other forms: `iOS` is not the plural of `io`."""


@dataclass(frozen=True)
class Hit:
    """An entry that was found."""

    entry: Entry
    score: float
    """Only to be compared within one search."""


class Index:
    """A full-text index over entries. Several threads may use it: SQLite lets one in at a time."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = tuple(entries)
        self._rows = sqlite3.connect(":memory:", check_same_thread=False)
        self._rows.execute("create virtual table entry using fts5(title, names, text, tokenize = 'porter unicode61')")
        rows = ((n, *(_stored(part) for part in entry.parts)) for n, entry in enumerate(self._entries))
        self._names: dict[str, set[int]] = {}
        for n, entry in enumerate(self._entries):
            for name in entry.names:
                self._names.setdefault(_stored(name), set()).add(n)
        self._rows.executemany("insert into entry (rowid, title, names, text) values (?, ?, ?, ?)", rows)

    def search(self, words: str, kinds: Sequence[str] = ()) -> list[Hit]:
        """The entries that have the words, the best first. `kinds`: only these; none: all."""
        groups = [self._matches(group) for group in wanted(words)]
        weights = [math.log(1 + len(self._entries) / (1 + len(found))) for found in groups]
        if not (total := sum(weights)):
            return []
        written = _stored(words)
        named, as_written = self._names.get(written, set()), self._as_written(written)
        hits: list[Hit] = []
        for n in set().union(*groups):
            share = sum(weight for weight, found in zip(weights, groups, strict=True) if n in found) / total
            entry = self._entries[n]
            if share >= LEAST_SHARE and (not kinds or entry.kind in kinds):
                score = share**2 * sum(found.get(n, 0.0) for found in groups) * entry.weight
                hits.append(Hit(entry, score * (EXACT if n in named else PHRASE if n in as_written else 1)))
        return sorted(hits, key=lambda hit: (-hit.score, hit.entry.kind, hit.entry.id))

    def _matches(self, group: Sequence[str]) -> dict[int, float]:
        """Entry -> how well it has one of these terms."""
        found: dict[int, float] = {}
        for term in group:
            for n, score in self._look_up(f'"{_kept(term)}"'):
                found[n] = max(found.get(n, 0.0), score)
        if not found and len(group[0]) >= SHORTEST_BEGINNING:
            found = dict(self._look_up(f'"{group[0]}" *'))
        return found

    def _as_written(self, written: str) -> set[int]:
        """Entries whose title or names have these words next to each other, in their order."""
        return {n for n, _ in self._look_up(f'{{title names}} : "{written}"')} if " " in written else set()

    def _look_up(self, match: str) -> list[tuple[int, float]]:
        ask = "select rowid, -bm25(entry, ?, ?, ?) from entry where entry match ?"
        return [(int(n), float(score)) for n, score in self._rows.execute(ask, (TITLE, NAMES, TEXT, match))]


def _stored(text: str) -> str:
    return " ".join(_kept(term) for term in terms(text))


def _kept(term: str) -> str:
    """A term as the index keeps it: a digit behind a short word keeps the stemmer from it."""
    return f"{term}0" if len(term) <= SHORT and term.isalpha() else term
