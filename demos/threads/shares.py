"""Counts what each address holds of one kind of thing; refuses more than its share, or more than there is for all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from demos.limits import PREFIX, Limits
from demos.protocol.errors import Refusal


def count_down(counter: Counter[str], key: str) -> None:
    """Decrement a counter, and remove it at 0."""
    counter[key] -= 1
    if not counter[key]:
        del counter[key]


class Share:
    """Holders of one kind of thing. Its limits are those of `Limits` with its name: `runs` and `client_runs`."""

    def __init__(self, limits: Limits, name: str, things: str, retry_s: int) -> None:
        """`things`: what they are called in a message. `retry_s`: seconds after which to ask again."""
        self.most: int = getattr(limits, name)
        self.client_most: int = getattr(limits, f"client_{name}")
        self._name, self._things, self._retry_s = name, things, retry_s
        self._held: Counter[str] = Counter()

    def __len__(self) -> int:
        return self._held.total()

    def of(self, client: str) -> int:
        """How many this address holds."""
        return self._held[client]

    def admit(self, client: str, held: int | None = None, total: int | None = None) -> None:
        """Check that one more may be had. Without counts given, what was taken here counts.

        Raises:
            Refusal: this address has its share (429), or there is no more for anybody (503).
        """
        held = self._held[client] if held is None else held
        total = len(self) if total is None else total
        if held >= self.client_most:
            setting = f"{PREFIX}CLIENT_{self._name.upper()}"
            raise self._refusal(429, f"Your address has {held} {self._things}, the limit for one ({setting}).")
        if total >= self.most:
            setting = f"{PREFIX}{self._name.upper()}"
            raise self._refusal(503, f"There are {total} {self._things}, the limit here ({setting}).")

    def _refusal(self, status: int, why: str) -> Refusal:
        return Refusal(status, f"too_many_{self._name}", f"{why} Try again in {self._retry_s} s.", self._retry_s)

    def take(self, client: str) -> None:
        """Count one more. Raises Refusal as `admit` does."""
        self.admit(client)
        self._held[client] += 1

    def give_back(self, client: str) -> None:
        count_down(self._held, client)

    @contextmanager
    def hold(self, client: str) -> Iterator[None]:
        """Count one while the block lasts. Raises Refusal as `admit` does."""
        self.take(client)
        try:
            yield
        finally:
            self.give_back(client)
