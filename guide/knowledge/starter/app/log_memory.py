"""The runs and the numbered events of each, in the memory of this process: one process only, and a restart forgets all.

An id of an event is EPOCH-NUMBER. The epoch is new with each log, so a position of another log is told and refused.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import CheckpointTuple
from langgraph.checkpoint.memory import InMemorySaver

from app import settings
from app.access import Refused, number
from app.graph_events import as_json

Event = tuple[str, str, str]
"""Its id ("" for a ping, which moves no position), its type, and its JSON."""

MOST_AT_ONCE = 100
OVERHEAD = 4000
"""What a run costs besides its events, in bytes: itself, and what the graph remembers of it."""


@dataclass
class Run:
    """What is known of one answer."""

    id: str
    thread: str
    user: str
    prompt: str
    epoch: str = field(default_factory=lambda: secrets.token_hex(4))
    status: str = "running"
    events: list[tuple[str, str]] = field(default_factory=list)
    questions: dict[str, Any] = field(default_factory=dict)  # that the run waits for; None: not answered
    answered: dict[str, Any] = field(default_factory=dict)
    size: int = 0
    changed: float = field(default_factory=time.monotonic)
    grew: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def active(self) -> bool:
        return self.status in ("running", "waiting")

    @property
    def last(self) -> int:
        """Number of the newest event."""
        return len(self.events)

    def number(self, position: str) -> int:
        """How many events a reader has seen that names this position."""
        return number(position, self.epoch, self.last)


class Log:
    """All runs. Who may see a run is checked here: for others there is no such run."""

    def __init__(self) -> None:
        self.saver = InMemorySaver()
        self._active: dict[str, Run] = {}
        self._over: dict[str, Run] = {}  # in the order of their ends
        self._threads: dict[str, list[Run]] = {}
        self._size = 0
        self._closing = False

    async def create(self, run_id: str, thread: str | None, user: str, prompt: str) -> tuple[Run, bool]:
        """The run, and whether it is new: a start that is sent twice runs once."""
        await self._forget()
        if run_id in self._active or run_id in self._over:
            return await self.find(run_id, user), False
        of_thread = self._threads.get(thread or "", [])
        if thread is not None and not any(run.user == user for run in of_thread):
            raise Refused(404, "There is no such thread, or it was forgotten.")
        if any(run.active for run in of_thread):
            raise Refused(409, "This thread has a run that goes on, or waits for an answer.")
        if sum(run.user == user for run in self._active.values()) >= settings.MOST_RUNS_OF_ONE:
            raise Refused(429, "Too many runs of yours. Try again later.")
        if len(self._active) >= settings.MOST_RUNS or self._closing:
            raise Refused(503, "Too many runs. Try again later.")
        run = Run(run_id, thread or secrets.token_urlsafe(16), user, prompt, size=OVERHEAD + 8 * len(prompt))
        self._active[run_id] = run
        self._threads.setdefault(run.thread, []).append(run)
        self._size += run.size
        return run, True

    async def find(self, run_id: str, user: str) -> Run:
        run = self._active.get(run_id) or self._over.get(run_id)
        if run is None or run.user != user:
            raise Refused(404, "There is no such run, or it was forgotten.")
        return run

    async def of_thread(self, thread: str, user: str) -> list[Run]:
        found = [run for run in self._threads.get(thread, ()) if run.user == user]
        if not found:
            raise Refused(404, "There is no such thread, or it was forgotten.")
        return found

    async def append(self, run: Run, kind: str, **data: Any) -> bool:
        """Add an event. False where the run has ended: after its end comes nothing."""
        if not run.active:
            return False
        text = as_json({"seq": run.last + 1, "type": kind, **data})
        if run.size + len(text) > settings.MOST_RUN_BYTES and kind != "end":
            raise Refused(413, "The answer is longer than this server keeps.")
        run.events.append((kind, text))
        run.size, run.changed = run.size + len(text), time.monotonic()
        self._size += len(text)
        if kind == "question":
            run.status, run.questions[data["question"]] = "waiting", None
        elif kind == "end":
            run.status = data["status"]
            self._over[run.id] = self._active.pop(run.id)
        self._tell(run)
        return True

    async def answer(self, run: Run, question: str, value: Any) -> dict[str, Any] | None:
        """Take an answer. Gives all answers once no question is open, else None."""
        if question in run.answered:
            if run.answered[question] != value:
                raise Refused(409, "This question was answered otherwise.")
            return None
        if question not in run.questions or not run.active:
            raise Refused(409, "This question is not open.")
        await self.append(run, "answer", question=question, value=value)
        run.answered[question] = run.questions[question] = value
        if None in run.questions.values():
            return None
        answers, run.questions, run.status = run.questions, {}, "running"
        return answers

    async def read(self, run: Run, after: int) -> AsyncIterator[list[Event]]:
        """Events after a number, as many as there are; a ping first, and after each silence. Ends with the run."""
        ping = [("", "ping", as_json({"type": "ping", "heartbeat": settings.HEARTBEAT_S}))]
        yield ping
        while True:
            if after < run.last:
                some = run.events[after : after + MOST_AT_ONCE]
                yield [(f"{run.epoch}-{n}", kind, text) for n, (kind, text) in enumerate(some, after + 1)]
                after += len(some)
                await asyncio.sleep(0)  # a long replay leaves others their turn
            elif not run.active or self._closing:
                return
            else:
                try:
                    async with asyncio.timeout(settings.HEARTBEAT_S):
                        await run.grew.wait()
                except TimeoutError:
                    yield ping

    async def ended(self, run: Run) -> None:
        """Wait until the run is over, whoever ended it."""
        while run.active:
            await run.grew.wait()

    async def close(self, interrupt: Callable[[Run, str], Awaitable[None]]) -> None:
        """The process goes, and its runs with it: their readers are told."""
        self._closing = True
        for run in list(self._active.values()):
            await interrupt(run, "The server was shut down, and with it this run.")
        for run in self._over.values():
            self._tell(run)

    async def _forget(self) -> None:
        """Make room: what is too old, and the oldest that are over while all is too large."""
        old = time.monotonic() - settings.KEEP_S
        for run in [run for run in self._active.values() if run.status == "waiting" and run.changed < old]:
            await self.append(run, "end", status="failed", reason="Nobody answered the question in time.")
        while self._over:
            run = next(iter(self._over.values()))
            if run.changed >= old and self._size <= settings.MOST_BYTES:
                return
            self._size -= self._over.pop(run.id).size
            self._threads[run.thread].remove(run)
            if not self._threads[run.thread]:
                del self._threads[run.thread]
                await self.saver.adelete_thread(run.thread)

    async def events(self, run: Run) -> list[tuple[str, str]]:
        """All events of a run: type and JSON."""
        return run.events

    async def tidy(self, run: Run) -> None:
        """Keep the newest checkpoint only. To keep all would cost the square of a thread's turns."""
        if run.active:
            return
        thread, newest = run.thread, dict[str, CheckpointTuple]()
        async for one in self.saver.alist({"configurable": {"thread_id": thread}}):
            space = one.config["configurable"]["checkpoint_ns"]
            if ":" not in space:  # else it belongs to a call that is over
                newest.setdefault(space, one)
        await self.saver.adelete_thread(thread)
        for space, one in newest.items():
            at: RunnableConfig = {"configurable": {"thread_id": thread, "checkpoint_ns": space}}
            await self.saver.aput(at, one.checkpoint, one.metadata, one.checkpoint["channel_versions"])

    def _tell(self, run: Run) -> None:
        run.grew.set()
        run.grew = asyncio.Event()
