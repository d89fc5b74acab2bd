"""Runs one answer in a task of its own. A lost connection does not end it; a stop does.

    command --> Run --drafts--> log --events--> any number of connections, over either transport
A thread holds one log and one run at a time; the log's numbers go on from run to run.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import secrets
import time
import uuid
from array import array
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any, Literal, Protocol

from demos.agent.model_settings import ModelTrouble
from demos.agent.steering import Heard, Mailbox
from demos.limits import Limits
from demos.protocol.errors import Refusal, invalid, no_such_interrupt
from demos.protocol.events import Draft
from demos.protocol.run_options import Settings
from demos.threads.callers import NOBODY, Caller
from demos.threads.coalescing import Coalescer
from demos.threads.counters import Counters
from demos.threads.event_log import EventLog, MemoryLog
from demos.threads.open_items import OpenItems

logger = logging.getLogger(__name__)


class Agent(Protocol):
    """Interface of an agent for a run (`demos.agent.graph.Agent`, or a fake in tests)."""

    def start(
        self, thread: str, question: str, settings: Settings, heard: Heard = ...
    ) -> AsyncGenerator[Draft, None]: ...
    def resume(
        self, thread: str, responses: dict[str, Any], settings: Settings, heard: Heard = ...
    ) -> AsyncGenerator[Draft, None]: ...
    def tokens(self, thread: str, question: str, settings: Settings) -> AsyncGenerator[str, None]: ...
    def scripted(self, thread: str, question: str, settings: Settings) -> AsyncGenerator[Draft, None]: ...
    def events(self, thread: str, question: str, settings: Settings) -> AsyncGenerator[tuple[Any, str], None]: ...
    def messages(self, thread: str, question: str, settings: Settings) -> AsyncGenerator[tuple[Any, str], None]: ...
    async def forget(self, thread: str) -> None: ...


LoadAgent = Callable[[], Awaitable[Agent]]
Outcome = Literal["completed", "failed", "cancelled", "timed out"]
Feed = Callable[[Agent], AsyncGenerator[Draft, None]]


class Run:
    """One answer. Publishes to its thread's log, with exactly one terminal event."""

    def __init__(self, thread: Thread, settings: Settings, client: str = NOBODY) -> None:
        self.id = str(uuid.uuid4())
        self.client = client
        """Address that started it."""
        self.settings = settings
        self.began = time.monotonic()
        self.base = thread.log.last
        """The position before this run's first event."""
        self._last = self.base
        self.made = 0
        """Tokens of the answer that the model has made so far."""
        self.pending: dict[str, Draft] = {}
        """Questions to a human that wait for a response, by interrupt id."""
        self.answered: dict[str, tuple[Any, int]] = {}
        """Accepted responses, each with the log's position before it. The same response again changes nothing."""
        self.mailbox = Mailbox(thread.limits.inputs)
        """Input for the run while it writes."""
        self.outcome: Outcome | None = None
        self.ended_at: float | None = None
        """When it ended, on the monotonic clock."""
        self.owed = 0
        """How many readers were lost before they had read to its end, and have not come back."""
        self.end_delivered = False
        """Whether the terminal event was sent to any stream."""
        self._thread = thread
        self._task: asyncio.Task[None] | None = None
        self._why_stopped = ""
        self._grace: asyncio.TimerHandle | None = None
        self._coalescer = Coalescer(self._append, thread.coalesce_s)
        self._answer = array("L"), array("L")
        self._collected: dict[str, Any] = {}
        self._unfinished = OpenItems()

    @property
    def active(self) -> bool:
        """Whether the run is writing now."""
        return self._task is not None

    @property
    def ended(self) -> bool:
        return self.outcome is not None

    @property
    def last(self) -> int:
        """The position of its terminal event; of its newest event before the end."""
        return self._last

    @property
    def next(self) -> tuple[str, ...]:
        """Nodes that run or wait for a human; empty if and only if the run has ended."""
        return () if self.ended else self._unfinished.nodes or ("__start__",)

    @property
    def answer(self) -> dict[int, int]:
        """The answer in the log: sequence number -> tokens in that event. Lost tokens are counted against this."""
        return dict(zip(*self._answer, strict=True))

    def unseen(self, seen: int) -> int:
        """Number of tokens made after the position `seen`, including those not in the log yet."""
        return self.made - sum(pieces for seq, pieces in zip(*self._answer, strict=True) if seq <= seen)

    def feed(self, source: Feed, opening: Literal["started", "running"]) -> None:
        """Start a task that writes what `source` yields."""
        self.publish(Draft("lifecycle", {"event": opening, "graph_name": "agent"}))
        self._task = asyncio.create_task(self._write(source), name=f"run {self.id}")
        self._task.add_done_callback(self._written)
        self.start_grace_period()

    def respond(self, responses: Mapping[str, Any]) -> int:
        """Accept responses to open questions; the run continues when none is left.

        Returns:
            the position before the responses; for a repeated response, the position before its first one.

        Raises:
            Refusal: a question is not open, and was not answered with the same response before.
        """
        for key, response in responses.items():
            if key not in self.pending and (key not in self.answered or self.answered[key][0] != response):
                other = "has another response already" if key in self.answered else "does not wait for one"
                raise no_such_interrupt(f"The question with interrupt_id {key!r:.60} {other}.")
        fresh = {key: response for key, response in responses.items() if self.pending.pop(key, None) is not None}
        position = self._thread.log.last
        self.answered |= {key: (response, position) for key, response in fresh.items()}
        self._collected |= fresh
        if fresh and not self.pending:
            collected, self._collected = self._collected, {}
            self._thread.status = "busy"
            # The settings of the start: clients cannot send them again with a response.
            memory, heard = self._thread.memory, self.mailbox.drain
            self.feed(lambda agent: agent.resume(memory, collected, self.settings, heard), "running")
        return min(self.answered[key][1] for key in responses)

    def stop(self, why: str = "cancelled") -> None:
        """Stop at once. Ends as failed, not as interrupted: clients would wait for an interrupted run to end."""
        self._why_stopped = why
        if self._task is not None:
            self._task.cancel()
        elif not self.ended:
            self._end("cancelled", why)

    def start_grace_period(self) -> None:
        """Start the grace period if no reader is left and the run stops on disconnect.

        A run that waits for a human uses no resources, so it is never stopped for this reason.
        """
        if self._grace is not None:
            self._grace.cancel()  # restart the period if a reader came back in between
        if self.settings.on_disconnect == "stop" and self.active and not self._thread.readers():
            loop = asyncio.get_running_loop()
            self._grace = loop.call_later(self.settings.grace_ms / 1000, self._give_up)

    def _give_up(self) -> None:
        self._grace = None
        if self.active and not self._thread.readers():
            self.stop(f"cancelled: nobody was reading for {self.settings.grace_ms:g} ms")

    def publish(self, draft: Draft) -> None:
        """Publish a draft; the coalescer joins text that comes too fast before it reaches the log."""
        self.made += draft.is_token
        self._thread.counters.tokens += draft.is_token
        self._coalescer.add(draft)

    def _append(self, draft: Draft) -> None:
        """Append to the log, and track items that need an end event."""
        event = self._thread.log.append(draft)
        self._last = event.seq
        self._thread.counters.events += 1
        self._thread.counters.event_bytes += event.size
        if draft.is_token:
            self._answer[0].append(event.seq)
            self._answer[1].append(draft.pieces)
        self._unfinished.note(draft)
        if draft.method == "values" and not draft.namespace:
            self._thread.values = draft.data

    async def _write(self, source: Feed) -> None:
        async with asyncio.timeout(self._thread.limits.run_seconds):
            async with aclosing(source(await self._thread.agent())) as drafts:
                async for draft in drafts:
                    if draft.method == "input.requested":
                        self.pending[draft.data["interrupt_id"]] = draft
                    self.publish(draft)

    def _written(self, task: asyncio.Task[None]) -> None:
        """Handle the end of the task; it may never have started."""
        self._task = None
        if task.cancelled():
            if self._why_stopped:
                self._end("cancelled", self._why_stopped)
            # Else the process is shutting down: streams are aborted, and no end event is written.
        elif isinstance(error := task.exception(), TimeoutError):
            limit = self._thread.limits.run_seconds
            self._end("timed out", f"The run was ended after {limit} s, which is the limit here.")
        elif isinstance(error, ModelTrouble):
            logger.warning("run %s failed: %s", self.id, error)
            self._end("failed", str(error)[:500])
        elif error is not None:
            logger.error("run %s failed", self.id, exc_info=error)
            self._end("failed", f"{type(error).__name__}: {error}"[:500])
        elif self.pending and self._why_stopped:
            self._end("cancelled", self._why_stopped)  # the stop came after the task's end, before this callback
        elif self.pending:
            self._thread.status, self._thread.touched = "interrupted", time.monotonic()
            self.publish(Draft("lifecycle", {"event": "interrupted", "graph_name": "agent"}))
        else:
            self._end("completed", None)

    def _end(self, outcome: Outcome, why: str | None) -> None:
        """Write the terminal event; before it, an end event for each open item, so that no reader hangs."""
        self._coalescer.close()
        if self._grace is not None:
            self._grace.cancel()
        for draft in list(self._unfinished.ends(why)):
            self.publish(draft)
        self.pending.clear()
        self.outcome = outcome
        self.ended_at = time.monotonic()
        self._thread.counters.runs_ended[outcome] += 1
        self._thread.status = "idle" if outcome in ("completed", "cancelled") else "error"
        self._thread.touched = time.monotonic()
        data = {"event": "completed"} if why is None else {"event": "failed", "error": why}
        self.publish(Draft("lifecycle", data | {"graph_name": "agent"}))


class Thread:
    """A conversation: one log, one run at a time."""

    def __init__(
        self,
        id: str,
        limits: Limits,
        agent: LoadAgent,
        coalesce_s: float = 0.0,
        readers: Callable[[], int] = lambda: 0,
        counters: Counters | None = None,
        client: str = NOBODY,
    ) -> None:
        self.id = id
        self.client = client
        """Address that made it."""
        self.key = secrets.token_urlsafe(24)
        """What its maker is given. Once it was used, commands need it; reading needs the id alone."""
        self.is_held = False
        """Whether the key was used."""
        self.is_pinned = False
        """Whether somebody still counts by it: then it makes no room for others, however long it is idle."""
        self.coalesce_s = coalesce_s
        self.readers = readers
        """Returns the number of open streams."""
        self.counters = counters or Counters()
        self.turns = 0
        """Number of runs so far, including removed ones."""
        self.sent = 0
        """The furthest position sent to any stream."""
        self.told = 0
        """The furthest position that anybody was told of, in whatever way."""
        self.memory = f"{id}/{uuid.uuid4().hex}"
        """The thread's id for the agent. Unique, so that a new thread with an old id starts without a history."""
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
    def pending(self) -> Mapping[str, Draft]:
        return self.run.pending if self.run else {}

    def tell(self, position: int) -> int:
        """Note that somebody is told of a position; returns it."""
        self.told = max(self.told, position)
        return position

    def check(self, caller: Caller) -> None:
        """Check that a caller may command the thread. A key that is used holds the thread from then on.

        Raises:
            Refusal: the thread is held and the key is missing; or it is another one.
        """
        if caller.key is not None and hmac.compare_digest(caller.key.encode(errors="surrogatepass"), self.key.encode()):
            self.is_held = True
        elif self.is_held or caller.key is not None:
            how = "is held by whoever made it" if caller.key is None else "has another key"
            raise Refusal(
                403,
                "not_your_thread",
                f"This thread {how}. Send its key as `Authorization: Bearer KEY`, or first on a WebSocket with "
                "thread.authorize. Reading it needs no key.",
            )

    @property
    def is_done(self) -> bool:
        """Whether nothing is written on it and nobody is asked."""
        return self.run is None or self.run.ended

    def empty(self) -> None:
        """Release all data: the thread and its runs refer to each other, and would wait for the garbage collector."""
        self.log, self.values = MemoryLog(1, 1), {}
        self.runs.clear()

    def find(self, run_id: object) -> Run:
        """Return a run by id, or the newest for None.

        Raises:
            Refusal: there is none.
        """
        run = self.run if run_id is None else self.runs.get(run_id) if isinstance(run_id, str) else None
        if run is None:
            raise Refusal(404, "no_such_run", f"There is no run {run_id!r:.60} on thread {self.id}.")
        return run

    def start(self, question: str, settings: Settings, client: str = NOBODY) -> Run:
        """Start a run.

        Raises:
            Refusal: a run is active or waits for a human; or the thread has reached its limit of runs.
        """
        if self.turns >= self.limits.turns:
            raise invalid(f"This thread has had {self.turns} runs, the limit here. Start a new thread.")
        if self.run and not self.run.ended:
            raise invalid(
                f"Run {self.run.id} is {self.status} on this thread. "
                "Respond to it, stop it with run.cancel, or wait for its end."
            )
        run = Run(self, settings, client)
        self.turns += 1
        self.counters.runs_started += 1
        self.runs[run.id] = run
        while len(self.runs) > 20:  # old runs are kept only to count lost tokens
            del self.runs[next(iter(self.runs))]
        self.status, self.touched = "busy", time.monotonic()
        run.feed(lambda agent: agent.start(self.memory, question, settings, run.mailbox.drain), "started")
        return run

    def respond(self, responses: Mapping[str, Any]) -> int:
        """Pass responses to the newest run. Returns the position before them; see `Run.respond`.

        Raises:
            Refusal: there is no run, `responses` is empty, or a question is not open for this answer.
        """
        if not responses:
            raise invalid("responses is empty. Allowed: one response or more, each with its interrupt_id.")
        if self.run is None:
            raise no_such_interrupt("Nothing was asked on this thread.")
        self.touched = time.monotonic()
        return self.run.respond(responses)

    def inject(self, text: str) -> int:
        """Send input to the active run. Returns the position before the run reads it.

        Raises:
            Refusal: no run is active, or its limit of inputs is reached.
        """
        if self.run is None or not self.run.active:
            raise Refusal(409, "no_such_run", f"No run is being written on thread {self.id}, so nobody would hear it.")
        self.touched = time.monotonic()
        self.run.mailbox.put(text)
        return self.log.last
