"""Shares out heartbeats: how many a second the streams of one address, and all together, may ask for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from demos.limits import Limits
from demos.protocol.errors import Refusal


class Heartbeats:
    """The rates that are held now. A stream holds its own from its first byte to its last."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._held: Counter[str] = Counter()
        """Heartbeats a thousand seconds, by address: whole numbers, so that nothing is left over."""

    @contextmanager
    def hold(self, client: str, heartbeat_ms: int | None) -> Iterator[None]:
        """Hold the rate of one stream while the block lasts. No heartbeat, or the server's usual one, costs nothing.

        Raises:
            Refusal: the streams of this address, or all, would ask for more than their share.
        """
        rate = self.take(client, heartbeat_ms)
        try:
            yield
        finally:
            self.give_back(client, rate)

    def take(self, client: str, heartbeat_ms: int | None) -> int:
        """Hold a rate until it is given back; returns it. Raises as `hold` does."""
        if not heartbeat_ms:
            return 0
        rate = 1_000_000 // heartbeat_ms
        mine, all_ = self._held[client], self._held.total()
        left = min(1000 * self._limits.client_pings - mine, 1000 * self._limits.pings - all_)
        if rate > left:
            allowed = f"{1_000_000 / left:.0f} or more" if left > 0 else "0 for none, or the usual one"
            raise Refusal(
                429,
                "too_many_pings",
                f"heartbeat_ms is {heartbeat_ms}. The streams of your address ask for {mine / 1000:.0f} heartbeats a "
                f"second and all for {all_ / 1000:.0f}, so allowed: {allowed} (STREAMWISE_MAX_CLIENT_PINGS, "
                "STREAMWISE_MAX_PINGS).",
                10,
            )
        self._held[client] += rate
        return rate

    def give_back(self, client: str, rate: int) -> None:
        """End what `take` began."""
        self._held[client] -= rate
        if not self._held[client]:
            del self._held[client]
