"""Reads a thread's log for one client: which events, from which position, and the heartbeat."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from demos.protocol.errors import invalid
from demos.protocol.events import CHANNELS, Draft, Event, failure
from demos.threads.event_log import Gap, Lost
from demos.threads.positions import Position
from demos.threads.replay import HOLD_S, beginning
from demos.threads.runs import Run, Thread

MAX_NAMESPACES = 50
"""Prefixes in one subscription, and segments in a prefix."""
MAX_CHANNELS = 50
MAX_NAME = 100
"""Characters of a channel's name."""
MAX_CHARS = 4_000
"""Characters of all prefixes of a subscription, which is stored for a client that reconnects."""
LEAST_HEARTBEAT_MS, MOST_HEARTBEAT_MS = 50, 600_000


class Ping:
    """A heartbeat: nothing was sent for one interval."""


@dataclass(frozen=True)
class Failure:
    """An error of the stream itself, not caused by a command."""

    text: str


@dataclass(frozen=True)
class Wanted:
    """The events that a reader asked for, and its heartbeat interval."""

    channels: frozenset[str]
    namespaces: tuple[tuple[str, ...], ...] = ()
    """Prefixes; none means all."""
    depth: int | None = None
    """Maximum levels below a prefix; None: no limit."""
    heartbeat_ms: int | None = None
    """Milliseconds without an event before a ping is sent. 0: never. None: the server's default."""

    @classmethod
    def read(cls, params: Mapping[str, Any]) -> Self:
        """Read the parameters of a subscription.

        Raises:
            Refusal: a channel that does not exist, namespaces that are not lists of text, a heartbeat out of bounds.
        """
        channels = params.get("channels")
        if not isinstance(channels, list) or not channels:
            raise invalid(f"channels must be a list. Allowed in it: {', '.join(CHANNELS)}.")
        if len(channels) > MAX_CHANNELS:
            raise invalid(f"channels has {len(channels)} entries. Allowed: {MAX_CHANNELS}.")
        for channel in channels:
            if not _is_channel(channel):
                raise invalid(f"{channel!r:.60} is no channel. Allowed: {', '.join(CHANNELS)}.")
        namespaces = params.get("namespaces") or []
        if not isinstance(namespaces, list) or not all(_is_namespace(one) for one in namespaces):
            raise invalid(f"namespaces must be a list of lists of text, each of up to {MAX_NAMESPACES} segments.")
        if len(namespaces) > MAX_NAMESPACES:  # each is compared with every event
            raise invalid(f"namespaces has {len(namespaces)} entries. Allowed: {MAX_NAMESPACES}.")
        chars = sum(len(part) for one in namespaces for part in one)
        if chars > MAX_CHARS:
            raise invalid(f"namespaces has {chars} characters. Allowed: {MAX_CHARS}.")
        depth = params.get("depth")
        if depth is not None and (not isinstance(depth, int) or isinstance(depth, bool) or depth < 0):
            raise invalid(f"depth is {depth!r:.60}. Allowed: a whole number from 0.")
        beat = heartbeat(params.get("heartbeat_ms"))
        return cls(frozenset(channels), tuple(tuple(one) for one in namespaces), depth, beat)

    def takes(self, draft: Draft) -> bool:
        channel = "input" if draft.method == "input.requested" else draft.method
        if channel not in self.channels and (
            channel != "custom" or f"custom:{draft.data.get('name')}" not in self.channels
        ):
            return False
        return not self.namespaces or any(self._under(prefix, draft.namespace) for prefix in self.namespaces)

    def _under(self, prefix: tuple[str, ...], namespace: tuple[str, ...]) -> bool:
        below = len(namespace) - len(prefix)
        if below < 0 or (self.depth is not None and below > self.depth):
            return False
        # A segment without a colon also stands for its task: `node` for `node:<task id>`.
        return all(a == b or (":" not in a and b.startswith(f"{a}:")) for a, b in zip(prefix, namespace, strict=False))


def heartbeat(given: Any) -> int | None:
    """Parse `heartbeat_ms` of a subscription, a number or text from a URL. Returns None if not given.

    Raises:
        Refusal: neither 0, which means no heartbeat, nor a whole number in the range.
    """
    if given is None or given == "":
        return None
    text = str(given)
    whole = not isinstance(given, bool) and text.isascii() and text.isdigit() and len(text) < 10
    if not whole or not (int(text) == 0 or LEAST_HEARTBEAT_MS <= int(text) <= MOST_HEARTBEAT_MS):
        allowed = f"0 for none, or a whole number from {LEAST_HEARTBEAT_MS} to {MOST_HEARTBEAT_MS}"
        raise invalid(f"heartbeat_ms is {text!r:.60}. Allowed: {allowed}.")
    return int(text)


class Reader:
    """A cursor on one thread's log. Iterate it for batches of events, failures and pings.

    It ends only if the log is gone.
    """

    def __init__(self, thread: Thread, wanted: Wanted, since: Position | None, heartbeat_s: float) -> None:
        """`heartbeat_s`: the default, where the reader asked for no interval of its own.

        Raises:
            Refusal: the position is none of the thread's log.
        """
        asked_ms = wanted.heartbeat_ms
        self._thread, self._wanted = thread, wanted
        self._heartbeat_s = heartbeat_s if asked_ms is None else asked_ms / 1000 or None
        self._finished: Run | None = None
        """The finished run that this reader is sent, unless a newer one begins at once. None: nothing is waited for."""
        self._has_no_position = since is None
        if since is not None:
            self._cursor = since.within(thread)
        else:
            self._cursor, self._finished = beginning(thread)
        self._handed_over = self._cursor

    @property
    def heartbeat_ms(self) -> int | None:
        """The heartbeat that it asked for; None: the server's default."""
        return self._wanted.heartbeat_ms

    @property
    def tip(self) -> int:
        """The newest event's number."""
        return self._thread.tell(self._thread.log.last)

    @property
    def behind(self) -> int:
        """Events between the cursor and the tip."""
        return self._thread.log.last - self._cursor

    async def __aiter__(self) -> AsyncGenerator[Sequence[Event | Failure | Ping], None]:
        """Yield all available events in one batch, so that the caller can send them in one write.

        Close it, as with `aclosing`: who is lost before the end of a run is owed that run.
        """
        log, clock = self._thread.log, asyncio.get_running_loop().time
        self._arrive()
        try:
            if self._finished is not None:
                await self._wait_for_newer(self._finished)
            quiet_since = clock()
            while True:
                try:
                    batch = log.since(self._cursor)
                except Gap as gap:
                    yield (self._missed(gap),)
                    continue
                except Lost as lost:
                    yield (Failure(failure("gone", str(lost))),)
                    return
                if batch:
                    self._cursor = batch[-1].seq
                    if wanted := [
                        one for one in batch if self._wanted.takes(one.draft) and not self._settled(one.draft)
                    ]:
                        self._note(wanted)
                        yield wanted
                        quiet_since = clock()
                    self._handed_over = batch[-1].seq
                    continue
                # Events that this reader did not ask for send no bytes, so they do not delay the heartbeat.
                ends = None if self._heartbeat_s is None else quiet_since + self._heartbeat_s
                try:
                    async with asyncio.timeout_at(ends):
                        await log.wait(self._cursor)
                except TimeoutError:
                    yield (Ping(),)
                    quiet_since = clock()
        finally:
            self._leave()

    def _arrive(self) -> None:
        counters, run = self._thread.counters, self._thread.run
        counters.replays += self.behind > 0
        counters.replayed_events += self.behind
        if run is not None and run.owed and (self._has_no_position or self._cursor > run.base):
            run.owed -= 1  # somebody is back; who begins at the beginning is somebody else

    def _leave(self) -> None:
        run = self._thread.run
        if run is not None and not (run.ended and self._handed_over >= run.last):
            run.owed += 1

    def _missed(self, gap: Gap) -> Failure:
        self._thread.counters.gaps += 1
        self._cursor = gap.oldest - 1
        return Failure(failure("gap", f"{gap} Events are missing here; the stream goes on from the oldest."))

    async def _wait_for_newer(self, finished: Run) -> None:
        """Begin with the newer run if one begins at once: a client that opens its stream and then asks again would take
        the end of its last answer for that of the next one.

        Who wants no text waits longer. Official clients read text and lifecycle by two readers, and hand the end that
        one has read to the other, which then takes no more text.
        """
        try:
            async with asyncio.timeout(HOLD_S if "messages" in self._wanted.channels else 2 * HOLD_S):
                await self._thread.log.wait(self._thread.log.last)
        except TimeoutError:
            return
        if (run := self._thread.run) is not None and run is not finished:
            self._cursor = run.base

    def _settled(self, draft: Draft) -> bool:
        """Whether this is a question to a human that is already answered; if replayed, clients would ask it again."""
        return draft.method == "input.requested" and draft.data["interrupt_id"] not in self._thread.pending

    def _note(self, sent: Sequence[Event]) -> None:
        """Record the furthest position sent, and whether the run's end was sent."""
        self._thread.sent = max(self._thread.sent, sent[-1].seq)
        self._thread.tell(sent[-1].seq)
        run = self._thread.run
        if run and run.ended and not run.end_delivered and sent[-1].seq > run.base:
            run.end_delivered = any(event.draft.ends_run and event.seq > run.base for event in sent)


def _is_channel(value: Any) -> bool:
    return isinstance(value, str) and (value in CHANNELS or (value.startswith("custom:") and len(value) <= MAX_NAME))


def _is_namespace(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= MAX_NAMESPACES and all(isinstance(part, str) for part in value)
