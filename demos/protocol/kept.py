"""Keeps a bounded number of things by key, each on account of somebody: no one's things push out all the others'."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Thing = TypeVar("Thing")


class Kept(Generic[Key, Thing]):
    """Things by key, the oldest first. When an owner has its share, its own oldest makes room; when all is full, the
    oldest of whoever has most."""

    def __init__(self, most: int, owner_most: int | None = None) -> None:
        """`owner_most`: how many one owner may have; None: as many as there are."""
        self._most, self._owner_most = most, most if owner_most is None else owner_most
        self._kept: dict[Key, tuple[str, Thing]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Key) -> Thing | None:
        """None: never kept, or no longer."""
        found = self._kept.get(key)
        return None if found is None else found[1]

    def keep(self, key: Key, thing: Thing, owner: str) -> None:
        """Keep a thing on account of its owner; the same key again replaces it."""
        self._kept.pop(key, None)
        counts = Counter(of for of, _ in self._kept.values())
        if counts[owner] >= self._owner_most:
            self._drop_oldest(owner)
        elif len(self._kept) >= self._most:
            self._drop_oldest(max(counts, key=lambda of: (counts[of], of == owner)))
        self._kept[key] = owner, thing

    def _drop_oldest(self, owner: str) -> None:
        del self._kept[next(key for key, (of, _) in self._kept.items() if of == owner)]
