"""One run: an answer being written. It lives in its own task, so that no connection can stop it - only a stop can.

    command --> Run --drafts--> log --events--> any number of connections, over either transport
A thread holds one log and one run at a time; the log's numbers go on from run to run.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from array import array
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any, Literal, Protocol

from demos.events import Draft
from demos.limits import Limits
from demos.log import EventLog, MemoryLog
from demos.refusal import Refusal, invalid
from demos.settings import Settings

logger = logging.getLogger(__name__)


class Agent(Protocol):
    """What a run needs of an agent (`demos.agent.Agent`, or a toy in tests)."""

    def start(self, thread: str, question: str, settings: Settings) -> AsyncGenerator[Draft, None]: ...
    def resume(self, thread: str, responses: dict[str, Any], settings: Settings) -> AsyncGenerator[Draft, None]: ...
    def tokens(self, thread: str, question: str, settings: Settings) -> AsyncGenerator[str, None]: ...
    async def forget(self, thread: str) -> None: ...


LoadAgent = Callable[[], Awaitable[Agent]]
Feed = Callable[[Agent], AsyncGenerator[Draft, None]]


class Run:
    """One answer. Publishes to its thread's log; every run has exactly one terminal event."""

    def __init__(self, thread: Thread, settings: Settings) -> None:
        self.id = str(uuid.uuid4())
        self.settings = settings
        self.base = thread.log.last
        """The position before this run's first event."""
        self.answer_seqs = array("L")
        """Where the answer's tokens stand in the log: what 'lost' is counted against."""
        self.pending: dict[str, tuple[str, ...]] = {}
        """Questions to a human that wait for a response: interrupt id -> namespace."""
        self.ended = False
        self.end_delivered = False
        """Whether any stream was sent the terminal event."""
        self._thread = thread
        self._task: asyncio.Task[None] | None = None
        self._stopped = False
        self._open_messages: dict[str, Draft] = {}
        self._open_tools: dict[str, Draft] = {}

    @property
    def active(self) -> bool:
        return self._task is not None

    def feed(self, source: Feed, opening: Literal["started", "running"]) -> None:
        """Write what `source` yields, in a task of its own."""
        self.publish(Draft("lifecycle", {"event": opening, "graph_name": "agent"}))
        self._task = asyncio.create_task(self._write(source), name=f"run {self.id}")
        self._task.add_done_callback(self._written)

    def stop(self) -> None:
        """Stop at once. Ends as failed, not as interrupted: clients wait for ever for the end of an interrupted run."""
        self._stopped = True
        if self._task is not None:
            self._task.cancel()
        elif not self.ended:
            self._end("cancelled")

    def publish(self, draft: Draft) -> None:
        """Append to the log, and remember what will need an end. (Merging of tokens would stand before this line.)"""
        event = self._thread.log.append(draft)
        if draft.is_token:
            self.answer_seqs.append(event.seq)
        kind, data = draft.data.get("event"), draft.data
        if draft.method == "messages" and kind == "message-start":
            self._open_messages[data["id"]] = draft
        elif draft.method == "messages" and kind in ("message-finish", "error"):
            self._open_messages.pop(data.get("id") or "", None)
        elif draft.method == "tools" and kind == "tool-started":
            self._open_tools[data["tool_call_id"]] = draft
        elif draft.method == "tools" and kind in ("tool-finished", "tool-error"):
            self._open_tools.pop(data["tool_call_id"], None)
        elif draft.method == "values" and not draft.namespace:
            self._thread.values = data

    async def _write(self, source: Feed) -> None:
        async with asyncio.timeout(self._thread.limits.run_seconds):
            async with aclosing(source(await self._thread.agent())) as drafts:
                async for draft in drafts:
                    if draft.method == "input.requested":
                        self.pending[draft.data["interrupt_id"]] = draft.namespace
                    self.publish(draft)

    def _written(self, task: asyncio.Task[None]) -> None:
        """The task is over, one way or another; it may never have begun."""
        self._task = None
        if task.cancelled():
            if self._stopped:
                self._end("cancelled")
            # Else the process is going down: the streams are aborted, and nothing is said to have ended.
        elif isinstance(error := task.exception(), TimeoutError):
            self._end(f"The run was ended after {self._thread.limits.run_seconds} s, which is the limit here.")
        elif error is not None:
            logger.error("run %s failed", self.id, exc_info=error)
            self._end(f"{type(error).__name__}: {error}"[:500])
        elif self.pending:
            self._thread.status = "interrupted"
            self.publish(Draft("lifecycle", {"event": "interrupted", "graph_name": "agent"}))
        else:
            self._end(None)

    def _end(self, why: str | None) -> None:
        """The terminal event; before it, an end for everything that is still open, or its reader would hang."""
        for key, draft in list(self._open_messages.items()):
            self.publish(Draft("messages", {"event": "error", "id": key, "message": why}, draft.namespace, draft.node))
        for key, draft in list(self._open_tools.items()):
            self.publish(Draft("tools", {"event": "tool-error", "tool_call_id": key, "message": why}, draft.namespace))
        self.pending.clear()
        self.ended = True
        self._thread.status = "idle" if why in (None, "cancelled") else "error"
        self._thread.touched = time.monotonic()
        outcome = {"event": "completed"} if why is None else {"event": "failed", "error": why}
        self.publish(Draft("lifecycle", outcome | {"graph_name": "agent"}))


class Thread:
    """A conversation: one log, one run at a time."""

    def __init__(self, id: str, limits: Limits, agent: LoadAgent) -> None:
        self.id = id
        self.memory = f"{id}/{uuid.uuid4().hex}"
        """Under which the agent remembers it: a thread that is made again under an old id begins with nothing."""
        self.limits = limits
        self.agent = agent
        self.log: EventLog = MemoryLog(limits.thread_events, limits.thread_bytes)
        self.status: Literal["idle", "busy", "interrupted", "error"] = "idle"
        self.values: Mapping[str, Any] = {}
        self.runs: dict[str, Run] = {}
        self.touched = time.monotonic()

    @property
    def run(self) -> Run | None:
        """The newest run."""
        return next(reversed(self.runs.values()), None)

    @property
    def pending(self) -> Mapping[str, tuple[str, ...]]:
        return self.run.pending if self.run else {}

    def find(self, run_id: object) -> Run:
        """A run by id, or the newest.

        Raises:
            Refusal: there is none.
        """
        run = self.run if run_id is None else self.runs.get(run_id) if isinstance(run_id, str) else None
        if run is None:
            raise Refusal(404, "no_such_run", f"There is no run {run_id!r:.60} on thread {self.id}.")
        return run

    def start(self, question: str, settings: Settings) -> Run:
        """Begin a run.

        Raises:
            Refusal: one is active, or waits for a human.
        """
        if self.run and not self.run.ended:
            raise invalid(
                f"Run {self.run.id} is {self.status} on this thread. "
                "Respond to it, stop it with run.cancel, or wait for its end."
            )
        run = Run(self, settings)
        self.runs[run.id] = run
        while len(self.runs) > 20:  # old runs are only kept to be counted against
            del self.runs[next(iter(self.runs))]
        self.status, self.touched = "busy", time.monotonic()
        run.feed(lambda agent: agent.start(self.memory, question, settings), "started")
        return run

    def respond(self, responses: dict[str, Any]) -> int:
        """Answer what the run asked a human; it goes on once nothing is left open. Returns the position before that.

        Raises:
            Refusal: an interrupt is not waiting (unknown, or answered already).
        """
        for key in responses or ("",):  # nothing at all answers nothing: without this it would start a second task
            if key not in self.pending:
                raise Refusal(
                    409, "no_such_interrupt", f"No question with interrupt_id {key!r:.60} waits for a response."
                )
        run = self.find(None)
        run.pending.clear()
        position = self.log.last
        self.status, self.touched = "busy", time.monotonic()
        # The settings of the start: clients cannot send them again with a response.
        run.feed(lambda agent: agent.resume(self.memory, responses, run.settings), "running")
        return position
