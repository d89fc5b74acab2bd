"""Creates readers for subscriptions, and restores them when a client reconnects."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from demos.protocol.errors import invalid
from demos.protocol.kept import Kept
from demos.threads.callers import NOBODY
from demos.threads.positions import Position, position
from demos.threads.reader import Reader, Wanted
from demos.threads.registry import Threads

MOST = 2_000
"""Maximum of stored subscriptions, a quarter of it for one address. The oldest is removed first, of whoever has most;
its client must subscribe again."""
LEAST = 8
"""What one address may have at least, as many as one socket may."""
STATUS = {"busy": "running", "interrupted": "interrupted", "error": "failed", "idle": "completed"}


class Subscriptions:
    """Creates readers, and stores WebSocket subscriptions by id, to restore them."""

    def __init__(self, threads: Threads, heartbeat_s: float, most: int = MOST) -> None:
        self._threads, self._heartbeat_s = threads, heartbeat_s
        self._known: Kept[tuple[str, str], Wanted] = Kept(most, max(most // 4, min(most, LEAST)))

    def reader(self, thread_id: str, params: Mapping[str, Any]) -> Reader:
        """Create a reader from the parameters of a subscription.

        Raises:
            Refusal: no such thread, or an invalid parameter.
        """
        return self._read(thread_id, Wanted.read(params), position(params.get("since")))

    def subscribe(self, thread_id: str, params: Mapping[str, Any], client: str = NOBODY) -> tuple[str, Reader]:
        """Create a reader and a subscription id, to end or restore it: (id, reader). Raises as `reader` does.

        `client`: the address on whose account it is kept.
        """
        wanted = Wanted.read(params)
        reader = self._read(thread_id, wanted, position(params.get("since")))
        key = f"sub-{uuid.uuid4().hex[:12]}"
        self._known.keep((thread_id, key), wanted, client)
        return key, reader

    def reconnect(self, thread_id: str, params: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Reader]]:
        """Resume after a lost connection: (result for the client, readers by subscription id).

        Restores all named subscriptions or none: if one is unknown, the result says `restored: false`.

        Raises:
            Refusal: no such run; or a position from another process, which this log cannot continue.
        """
        thread = self._threads.get(thread_id)
        run = thread.find(params.get("run_id"))
        asked = position(params.get("last_event_id"), "params.last_event_id")
        since = Position(thread.tell(run.base)) if asked is None else asked
        after = since.within(thread)
        named = params.get("subscriptions") or []
        if not isinstance(named, list) or not all(isinstance(key, str) for key in named):
            raise invalid("params.subscriptions must be a list of subscription ids.")
        found = ((key, self._known.get((thread_id, key))) for key in named)
        known = {key: wanted for key, wanted in found if wanted is not None}
        restored = bool(known) and len(known) == len(set(named))
        readers = {key: self._read(thread_id, wanted, since) for key, wanted in known.items()} if restored else {}
        told = {
            "restored": restored,
            "missed_events": max(0, thread.log.last - after),
            "current_namespaces": [{"namespace": [], "status": STATUS[thread.status]}],
        }
        return told, readers

    def _read(self, thread_id: str, wanted: Wanted, since: Position | None) -> Reader:
        return Reader(self._threads.get(thread_id), wanted, since, self._heartbeat_s)
