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

from demos.agent.lost_run import LostRun
from demos.agent.model_settings import ModelTrouble
from demos.agent.retelling import Said, retold
from demos.agent.steering import Heard, Mailbox
from demos.limits import Limits
from demos.protocol.errors import Refusal, invalid, no_such_interrupt
from demos.protocol.events import Draft, Event, Note
from demos.protocol.run_options import Settings
from demos.threads.callers import NOBODY, Caller
from demos.threads.coalescing import Coalescer
from demos.threads.counters import Counters
from demos.threads.event_log import EventLog, MemoryLog
from demos.threads.open_items import OpenItems

logger = logging.getLogger(__name__)

STOP_S = 3.0
"""How long the effect of a stop is waited for."""
MOST_RECOVERIES = 5
"""How often a run is gone on with whose writer was lost: it may be the run that kills its servers."""


class Agent(Protocol):
    """Interface of an agent for a run (`demos.agent.graph.Agent`, or a fake in tests)."""

    def start(
        self, thread: str, question: str, settings: Settings, heard: Heard = ..., run: str | None = ...
    ) -> AsyncGenerator[Draft, None]: ...
    def resume(
        self, thread: str, responses: dict[str, Any], settings: Settings, heard: Heard = ...
    ) -> AsyncGenerator[Draft, None]: ...
    def tokens(self, thread: str, question: str, settings: Settings) -> AsyncGenerator[str, None]: ...
    def scripted(self, thread: str, question: str, settings: Settings) -> AsyncGenerator[Draft, None]: ...
    def events(self, thread: str, question: str, settings: Settings) -> AsyncGenerator[tuple[Any, str], None]: ...
    def messages(self, thread: str, question: str, settings: Settings) -> AsyncGenerator[tuple[Any, str], None]: ...
    def recover(self, thread: str, lost: LostRun) -> AsyncGenerator[Draft, None]: ...
    async def forget(self, thread: str) -> None: ...


LoadAgent = Callable[[], Awaitable[Agent]]
Outcome = Literal["completed", "failed", "cancelled", "timed out"]
Feed = Callable[[Agent], AsyncGenerator[Draft, None]]


class Run:
    """One answer. Publishes to its thread's log, with exactly one terminal event."""

    def __init__(
        self, thread: Thread, question: str, settings: Settings, client: str = NOBODY, id: str | None = None
    ) -> None:
        self.id = id or str(uuid.uuid4())
        self.client = client
        """Address that started it."""
        self.question = question
        self.settings = settings
        self.began = time.monotonic()
        self.base = thread.log.last
        """The position before this run's first event."""
        self._last = self.base
        self.pending: dict[str, Draft] = {}
        """Questions to a human that wait for a response, by interrupt id."""
        self.answered: dict[str, tuple[Any, int]] = {}
        """Accepted responses, each with the log's position before it. The same response again changes nothing."""
        self.mailbox = Mailbox(thread.limits.inputs, lambda turn: thread.log.note({"heard": turn}))
        """Input for the run while it writes."""
        self.inputs: set[str] = set()
        """Ids of inputs that came with one: the same again changes nothing."""
        self.outcome: Outcome | None = None
        self.ended_at: float | None = None
        """When it ended, on the monotonic clock."""
        self.owed = 0
        """How many readers were lost before they had read to its end, and have not come back."""
        self.recovered = 0
        """How often another server went on with it."""
        self.owed_elsewhere = 0
        """The same, of other replicas."""
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
    def made(self) -> int:
        """Tokens of the answer that the model has made so far, including those not in the log yet."""
        return sum(self._answer[1]) + self._coalescer.tokens

    @property
    def answer(self) -> dict[int, int]:
        """The answer in the log: sequence number -> tokens in that event. Lost tokens are counted against this."""
        return dict(zip(*self._answer, strict=True))

    def unseen(self, seen: int) -> int:
        """Number of tokens made after the position `seen`, including those not in the log yet."""
        return self.made - sum(pieces for seq, pieces in zip(*self._answer, strict=True) if seq <= seen)

    def feed(self, source: Feed, opening: Literal["started", "running"], note: Note | None = None) -> None:
        """Start a task that writes what `source` yields. `note`: what other servers must know of this beginning."""
        self.publish(Draft("lifecycle", {"event": opening, "graph_name": "agent"}, note=note))
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
        fresh = {key: response for key, response in responses.items() if key in self.pending}
        self._thread.note({"answered": fresh})
        if fresh and not self.pending:
            collected = self._collected
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

    async def stopped(self) -> None:
        """Wait until a stop has had its effect, and its end stands in the log."""
        if self._why_stopped and self._task is not None:
            await asyncio.wait([self._task], timeout=STOP_S)

    def abandon(self) -> None:
        """Write no more, and no end: another replica goes on."""
        self._coalescer.close()
        if self._grace is not None:
            self._grace.cancel()
        if self._task is not None:
            self._task.cancel()

    def start_grace_period(self) -> None:
        """Start the grace period if no reader is left and the run stops on disconnect.

        A run that waits for a human uses no resources, so it is never stopped for this reason.
        """
        if self._grace is not None:
            self._grace.cancel()  # restart the period if a reader came back in between
        if self.settings.on_disconnect == "stop" and self.active and not self._thread.readers():
            loop = asyncio.get_running_loop()
            after_s = max(self.settings.grace_ms / 1000, self._thread.least_grace_s)
            self._grace = loop.call_later(after_s, self._give_up)

    def _give_up(self) -> None:
        self._grace = None
        if self.active and not self._thread.readers():
            self.stop(f"cancelled: nobody was reading for {self.settings.grace_ms:g} ms")

    def publish(self, draft: Draft) -> None:
        """Publish a draft; the coalescer joins text that comes too fast before it reaches the log."""
        self._thread.counters.tokens += draft.is_token
        self._coalescer.add(draft)

    def _append(self, draft: Draft) -> None:
        event = self._thread.log.append(draft)
        self._thread.counters.events += 1
        self._thread.counters.event_bytes += event.size
        self._thread.fold(event)

    def fold(self, event: Event, passed_s: float = 0.0) -> None:
        """Take in one of its events, written here or by another replica: what is known of a run follows from them.

        `passed_s`: seconds since it was written.
        """
        draft = event.draft
        self._last = event.seq
        if draft.is_token:
            self._answer[0].append(event.seq)
            self._answer[1].append(draft.pieces)
        self._unfinished.note(draft)
        if draft.method == "input.requested":
            self.pending[draft.data["interrupt_id"]] = draft
        elif draft.method == "values" and not draft.namespace:
            self._thread.values = draft.data
        elif draft.method == "lifecycle" and not draft.namespace:
            self._turn(draft, time.monotonic() - passed_s)

    def _turn(self, draft: Draft, at: float) -> None:
        """Take in its beginning, a question's, or its end; `at`: when, on the monotonic clock."""
        kind, thread = draft.data["event"], self._thread
        thread.touched = max(thread.touched, at)
        if draft.ends_run:
            self.pending.clear()
            self.outcome = (draft.note or {}).get("outcome", kind)
            self.ended_at = at
            thread.status = "idle" if self.outcome in ("completed", "cancelled") else "error"
        elif kind == "interrupted":
            thread.status = "interrupted"
        else:
            thread.status, self._collected = "busy", {}
            self.recovered += "recovered" in (draft.note or {})

    def fold_note(self, note: Note, position: int) -> None:
        """Take in what no event says; `position`: of the event before it."""
        for key, response in note.get("answered", {}).items():
            self.pending.pop(key, None)
            self.answered[key] = response, position
            self._collected[key] = response
        if (said := note.get("said")) is not None:
            self.mailbox.add(said["text"])
            self.inputs.update({said["id"]} if said["id"] else ())
        if (turn := note.get("heard")) is not None:
            self.mailbox.take(turn)

    def about(self) -> Note:
        """What another replica must know to go on with this run."""
        about = {"id": self.id, "client": self.client, "question": self.question, "settings": self.settings.kept()}
        return {"run": about}

    def take_over(self, is_continued: bool) -> None:
        """Go on with a run whose writer was lost, or end it as failed."""
        log = self._thread.log
        is_lost = log.oldest > self.base + 1  # what was said of it is not known any more
        if not is_continued or is_lost or self.recovered >= MOST_RECOVERIES:
            self._end("failed", "The server that wrote this answer was lost.")
            return
        said = Said(event.draft for event in log.since(self.base, log.events))
        self.mailbox.rewind(self.made)
        answered = {key: response for key, (response, _) in self.answered.items()}
        lost = LostRun(self.id, self.question, answered, self.settings, self.mailbox.drain, self.made)
        self.feed(lambda agent: retold(agent.recover(self._thread.memory, lost), said), "running", {"recovered": True})

    async def _write(self, source: Feed) -> None:
        async with asyncio.timeout(self._thread.limits.run_seconds):
            async with aclosing(source(await self._thread.agent())) as drafts:
                async for draft in drafts:
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
        self._thread.counters.runs_ended[outcome] += 1
        data = {"event": "completed"} if why is None else {"event": "failed", "error": why}
        self.publish(Draft("lifecycle", data | {"graph_name": "agent"}, note={"outcome": outcome}))


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
        log: EventLog | None = None,
    ) -> None:
        """`log`: one that is shared with other replicas; by default one in memory."""
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
        self.readers_here = readers
        """Returns the number of open streams."""
        self.readers_elsewhere = 0
        """Open streams of other replicas."""
        self.is_shared = log is not None
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
        self.log = log or MemoryLog(limits.thread_events, limits.thread_bytes)
        self.least_grace_s = 0.0
        """How long nobody must have been reading at least, before a run is stopped for it."""
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
            if not self.is_held:
                self.note({"held": True})
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

    def fold(self, event: Event, passed_s: float = 0.0) -> None:
        """Take in an event, written here or by another replica; `passed_s`: seconds since it was written."""
        if (about := (event.draft.note or {}).get("run")) is not None and about["id"] not in self.runs:
            self.begin(about, event.seq - 1, passed_s)
        if self.run is not None:
            self.run.fold(event, passed_s)

    def begin(self, about: Note, base: int, passed_s: float = 0.0) -> None:
        """Know of a run that another replica has started behind this position, so many seconds ago."""
        settings = Settings.restored(about["settings"])
        run = Run(self, about["question"], settings, about["client"], about["id"])
        run.base = base
        run.began -= passed_s
        self._keep(run)

    def restart(self) -> None:
        """Know nothing of its runs, to take in all that was written of them."""
        self.runs.clear()
        self.values, self.status, self.turns = {}, "idle", 0

    def readers(self) -> int:
        """The number of open streams, wherever they are."""
        return self.readers_here() + self.readers_elsewhere

    def note(self, note: Note) -> None:
        """Take in something that no event says, and keep it for whoever goes on with the run."""
        self.log.note(note)
        self.fold_note(note, self.log.last)

    def fold_note(self, note: Note, position: int) -> None:
        """Take in something that no event says, noted here or by another replica behind this position."""
        self.is_held = self.is_held or note.get("held", False)
        if self.run is not None:
            self.run.fold_note(note, position)

    def _keep(self, run: Run) -> None:
        self.turns += 1
        self.runs[run.id] = run
        while len(self.runs) > 20:  # old runs are kept only to count lost tokens
            del self.runs[next(iter(self.runs))]

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
        run = Run(self, question, settings, client)
        self.counters.runs_started += 1
        self._keep(run)
        run.feed(
            lambda agent: agent.start(self.memory, question, settings, run.mailbox.drain, run.id),
            "started",
            run.about(),
        )
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

    def inject(self, text: str, id: str | None = None) -> int:
        """Send input to the active run. Returns the position before the run reads it.

        `id`: of the input; the same one again changes nothing.

        Raises:
            Refusal: no run is active, or its limit of inputs is reached.
        """
        if self.run is None or not self.run.active:
            raise Refusal(409, "no_such_run", f"No run is being written on thread {self.id}, so nobody would hear it.")
        self.touched = time.monotonic()
        if id is None or id not in self.run.inputs:
            self.run.mailbox.admit()
            self.note({"said": {"text": text, "id": id}})
        return self.log.last
