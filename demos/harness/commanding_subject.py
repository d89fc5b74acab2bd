"""Measures a client that sends commands while it reads a run."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from demos.clients.commanding import PATIENCE_S, CommandingClient
from demos.clients.readers import milliseconds
from demos.clients.recorder import Listen
from demos.harness.testbed import MeasurementSetup, Stage, Subject
from demos.protocol.events import TOKEN_MARK
from guide.model import Measurement

Build = Callable[[str, str, str, Listen], CommandingClient]
"""(API address, thread id, client name, callback for every event) -> a commanding client."""


@dataclass
class Heard:
    """Received events with their times, for a thread that sends commands and waits for events."""

    events: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    _news: threading.Condition = field(default_factory=threading.Condition)

    def listen(self, frame: dict[str, Any], at: float) -> None:
        with self._news:
            self.events.append((at, frame))
            self._news.notify_all()

    def first(self, wanted: Callable[[dict[str, Any]], bool], after: float = 0.0) -> float | None:
        """Time of the first matching event at or after `after`; None without one."""
        return next((at for at, frame in self.events if at >= after and wanted(frame)), None)

    def wait(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait for the first matching event and return it.

        Raises:
            TimeoutError: it did not come within PATIENCE_S.
        """
        with self._news:
            if self._news.wait_for(lambda: self.first(wanted) is not None, PATIENCE_S):
                return next(frame for _, frame in self.events if wanted(frame))
        raise TimeoutError("the event that was waited for never came")


@dataclass(frozen=True)
class Talk:
    """Input of a `speak` function: the client, the received events, and the bytes sent to the server so far."""

    voice: CommandingClient
    heard: Heard
    sent_bytes: Callable[[], int]
    on: MeasurementSetup


def speaking(
    build: Build,
    speak: Callable[[Talk], Callable[[], Mapping[str, float | None]]],
    transport: Literal["sse", "websocket"],
    client: str,
    mark: bytes = TOKEN_MARK,
) -> Subject:
    """Subject: a client that reads one run through a relay and sends commands at the same time.

    `mark`: what faults that wait for tokens wait for.

    `speak` runs in its own thread after the run's start. It returns a function that computes the figures at the end.
    """

    async def measure(stage: Stage, on: MeasurementSetup) -> Measurement:
        thread_id, heard = await stage.thread(), Heard()
        async with stage.relay(on.faults, mark=mark) as relay:
            api = f"http://127.0.0.1:{relay.port}/api"
            voice = await asyncio.to_thread(build, api, thread_id, client, heard.listen)
            talk = Talk(voice, heard, lambda: sum(one.up for one in relay.passed), on)
            try:
                await asyncio.to_thread(voice.open)
                started = milliseconds()
                await stage.start(thread_id, on.question, on.settings)
                reading = asyncio.to_thread(voice.reader.receive, started)
                receipt, figures = await asyncio.gather(reading, asyncio.to_thread(speak, talk))
            finally:
                await asyncio.to_thread(voice.close)
        return (await stage.count(thread_id, receipt)).model_copy(update={"figures": dict(figures())})

    return Subject(transport, client, measure)


def is_event(frame: dict[str, Any], method: str, event: str | None = None) -> bool:
    """Whether a frame is an event of this method and, if given, of this name."""
    return frame.get("method") == method and (event is None or frame["params"]["data"].get("event") == event)


def text(frame: dict[str, Any]) -> str:
    """Text that an event adds to a message; empty for other events."""
    if frame.get("method") != "messages":
        return ""
    found: str = (frame["params"]["data"].get("delta") or {}).get("text", "")
    return found
