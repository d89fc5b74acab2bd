"""Creates readers for subscriptions, and restores them when a client reconnects."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from demos.protocol.errors import Refusal, invalid
from demos.threads.event_log import BOOT
from demos.threads.reader import Reader, Wanted, position
from demos.threads.registry import Threads

MOST = 2_000
"""Maximum of stored subscriptions; the oldest is removed first, and its client must subscribe again."""
STATUS = {"busy": "running", "interrupted": "interrupted", "error": "failed", "idle": "completed"}


class Subscriptions:
    """Creates readers, and stores WebSocket subscriptions by id, to restore them."""

    def __init__(self, threads: Threads, heartbeat_s: float, most: int = MOST) -> None:
        self._threads, self._heartbeat_s, self._most = threads, heartbeat_s, most
        self._known: dict[tuple[str, str], Wanted] = {}

    def reader(self, thread_id: str, params: Mapping[str, Any]) -> Reader:
        """Create a reader from the parameters of a subscription.

        Raises:
            Refusal: no such thread, or an invalid parameter.
        """
        return self._read(thread_id, Wanted.read(params), position(params.get("since")))

    def subscribe(self, thread_id: str, params: Mapping[str, Any]) -> tuple[str, Reader]:
        """Create a reader and a subscription id, to end or restore it: (id, reader). Raises as `reader` does."""
        wanted = Wanted.read(params)
        reader = self._read(thread_id, wanted, position(params.get("since")))
        key = f"sub-{uuid.uuid4().hex[:12]}"
        self._known[thread_id, key] = wanted
        while len(self._known) > self._most:
            del self._known[next(iter(self._known))]
        return key, reader

    def reconnect(self, thread_id: str, params: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Reader]]:
        """Resume after a lost connection: (result for the client, readers by subscription id).

        Restores all named subscriptions or none: if one is unknown, the result says `restored: false`.

        Raises:
            Refusal: no such run; or a position from another process, which this log cannot continue.
        """
        thread = self._threads.get(thread_id)
        run = thread.find(params.get("run_id"))
        since = _after(params.get("last_event_id"), run.base)
        named = params.get("subscriptions") or []
        if not isinstance(named, list) or not all(isinstance(key, str) for key in named):
            raise invalid("params.subscriptions must be a list of subscription ids.")
        known = {key: self._known[thread_id, key] for key in named if (thread_id, key) in self._known}
        restored = bool(known) and len(known) == len(set(named))
        readers = {key: self._read(thread_id, wanted, since) for key, wanted in known.items()} if restored else {}
        told = {
            "restored": restored,
            "missed_events": max(0, thread.log.last - since),
            "current_namespaces": [{"namespace": [], "status": STATUS[thread.status]}],
        }
        return told, readers

    def _read(self, thread_id: str, wanted: Wanted, since: int | None) -> Reader:
        return Reader(self._threads.get(thread_id), wanted, since, self._heartbeat_s)


def _after(event_id: object, otherwise: int) -> int:
    """Return the position of an event id; `otherwise` if there is no id."""
    if event_id is None:
        return otherwise
    boot, _, seq = str(event_id).rpartition("-")
    if boot != BOOT:
        raise Refusal(410, "position_ahead", f"The event {event_id!r:.60} is not of this server: it was restarted.")
    return position(seq, "params.last_event_id") or 0
