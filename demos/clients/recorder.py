"""Records what a measuring client receives during one run: when each event came, and which one it was."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from demos.protocol.events import ANSWER
from demos.protocol.receipts import Receipt

Clock = Callable[[], float]
"""Milliseconds, from any start."""
Listen = Callable[[dict[str, Any], float], None]
"""Called with every event and every reply as it arrives, and the clock's time."""


def ignore_event(frame: dict[str, Any], at: float) -> None:
    """Do nothing with an event; for clients that only count."""


@dataclass(frozen=True)
class Ending:
    """A connection that ended before the run, or a failed reconnect."""

    at: float
    """On the client's clock, ms."""
    why: str


@dataclass
class Recording:
    """What a client records while it reads."""

    clock: Clock
    listen: Listen = ignore_event
    at: list[float] = field(default_factory=list)
    seq: list[int] = field(default_factory=list)
    token: list[bool] = field(default_factory=list)
    endings: list[Ending] = field(default_factory=list)
    reconnects: int = 0
    """Attempts to reconnect."""
    back: int = 0
    """Successful attempts."""
    refused_for_good: bool = False
    """Whether the server refused permanently, so that a reconnect has no use."""
    left: threading.Event = field(default_factory=threading.Event)
    """Set when the client is closed: it must not reconnect any more."""
    finished: bool = False
    payload: int = 0
    framing: int = 0
    beats: int = 0
    """Heartbeats received."""
    custom: list[float] = field(default_factory=list)
    """Arrival times of events of the custom channel."""
    last: str = ""
    """The position to resume from, an event's id; empty before the first event."""

    @property
    def carried_ms(self) -> float | None:
        """Milliseconds from the event before the first custom event to the last custom event; None without one."""
        before = [at for at in self.at if self.custom and at < self.custom[0]]
        return self.custom[-1] - before[-1] if before else None

    def ended(self, why: object) -> None:
        """Record a lost connection, unless the run is over. For an error without a message: its class name."""
        if self.finished:
            return
        said = str(why) or type(why).__name__
        self.endings.append(Ending(self.clock(), said))

    def record(self, text: str, framing: int) -> None:
        """Record one event: `text` is its JSON, `framing` the number of bytes around it."""
        at = self.clock()
        event = json.loads(text)
        self.beats += event.get("type") == "ping"
        self.listen(event, at)
        if event.get("type") != "event":
            return
        self.at.append(at)
        self.seq.append(event["seq"])
        self.last = event.get("event_id", "")
        self.token.append(_is_token(event["params"]))
        if event["method"] == "custom":
            self.custom.append(at)
        self.payload += len(text.encode())
        self.framing += framing
        ends = event["method"] == "lifecycle" and not event["params"]["namespace"]
        self.finished = self.finished or (ends and event["params"]["data"]["event"] in ("completed", "failed"))

    def receipt(self, transport: Literal["sse", "websocket"], name: str, started: float) -> Receipt:
        return Receipt(
            transport=transport, client=name, at=tuple(self.at), seq=tuple(self.seq), token=tuple(self.token),
            started=started, reconnects=self.reconnects, finished=self.finished,
            bytes_payload=self.payload, bytes_framing=self.framing, figures={"heartbeats": self.beats},
        )  # fmt: skip


def _is_token(params: dict[str, Any]) -> bool:
    data = params["data"]
    delta = data.get("delta") or {}
    return (
        params.get("node") == ANSWER
        and data.get("event") == "content-block-delta"
        and delta.get("type") == "text-delta"
    )
