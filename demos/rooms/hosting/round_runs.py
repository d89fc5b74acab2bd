"""The runs of one round: a thread for all, or one for each person or team. Nobody but the room may command them."""

from __future__ import annotations

import re
import time

from demos.connections.open_streams import CutReason
from demos.protocol.errors import Refusal
from demos.rooms.counting import RunFacts
from demos.rooms.round import Round
from demos.rooms.saying import Act
from demos.server.backend import Backend
from demos.threads.callers import Caller
from demos.threads.runs import Run, Thread
from guide.book import book

_STAMP = re.compile(r'"timestamp":(\d+)')


class RoundRuns:
    """Threads and runs of the round that is played."""

    def __init__(self, backend: Backend, name: str) -> None:
        """`name`: by which the runs are counted, in place of an address."""
        self._backend, self._name = backend, name
        self._threads: list[Thread] = []
        self._runs: list[Run] = []
        self._teams: dict[int, int] = {}
        self._facts: dict[int, RunFacts] = {}

    def prepare(self, played: Round, people: int) -> None:
        """Make the threads. Raises Refusal: there are too many here."""
        self.release()
        for n in range(min(max(people, 1), self._backend.limits.room_runs) if played.kind.own else 1):
            thread = self._backend.threads.make(client=f"{self._name} {n}")
            thread.is_held = thread.is_pinned = True
            self._threads.append(thread)

    def start(self, played: Round, people: int) -> None:
        """Start a run on each thread. Raises Refusal: too many runs are being written here."""
        if not self._threads:
            self.prepare(played, people)
        question = book().words["lab.question_default"]
        for n, thread in enumerate(self._threads):
            asks, settings = Caller(thread.client, thread.key), played.kind.settings(played.seed + n)
            self._runs.append(self._backend.threads.start(thread.id, question, settings, asks)[1])
        played.began_ms = time.time() * 1000

    def cut(self) -> None:
        """Reset every stream of the round."""
        for thread in self._threads:
            self._backend.streams.drop(thread.id, CutReason.RESET)

    def finish(self) -> None:
        """Stop what is still written."""
        for run in self._runs:
            if not run.ended:
                run.stop()

    def release(self) -> None:
        """Let go of the threads: they may make room for others from now on."""
        self.finish()
        self.cut()
        for thread in self._threads:
            thread.is_pinned = False
        self._threads, self._runs, self._teams, self._facts = [], [], {}, {}

    @property
    def made(self) -> int | None:
        """Tokens of the first run; None before it was started."""
        return self._runs[0].made if self._runs else None

    @property
    def are_over(self) -> bool:
        return bool(self._runs) and all(run.ended for run in self._runs)

    @property
    def have_failed(self) -> bool:
        return any(run.outcome in ("failed", "timed out") for run in self._runs)

    def thread(self, number: int) -> Thread:
        """The thread that a person reads. Raises Refusal: there is none now."""
        if not self._threads:
            raise Refusal(409, "no_run", "There is nothing to read in this room now.")
        return self._threads[self._teams.setdefault(number, len(self._teams)) % len(self._threads)]

    def connected(self, people: int) -> dict[str, float]:
        """Transport -> share of so many people who have a stream open over it."""
        streams = [stream for thread in self._threads for stream in self._backend.streams.of_thread(thread.id)]
        readers = {name: {one.client for one in streams if one.transport == name} for name in ("sse", "websocket")}
        return {name: round(min(len(those) / max(people, 1), 1.0), 3) for name, those in readers.items()}

    def facts(self, number: int) -> RunFacts:
        """What the server knows of the run that a person read. Put together once, when the run has ended."""
        thread = self.thread(number)
        place = self._threads.index(thread)
        if place in self._facts:
            return self._facts[place]
        run = self._runs[place] if place < len(self._runs) else None
        stamps = {event.seq: float(found[1]) for event in thread.log.since(0) if (found := _STAMP.search(event.text))}
        facts = RunFacts(run.answer if run else {}, stamps)
        if run is not None and run.ended:
            self._facts[place] = facts
        return facts

    def act(self, number: int, act: Act, played: Round) -> None:
        """Say something to the run of a person: one of the fixed sentences, or an answer to its question."""
        thread = self.thread(number)
        if act.act == "steer":
            if act.choice not in played.kind.acts:
                raise Refusal(400, "invalid_argument", f"choice is {act.choice!r:.40}. It is none of this round's.")
            thread.inject(book().words[f"room.act.steer.{act.choice}"])
        elif thread.pending:
            thread.respond(dict.fromkeys(thread.pending, "yes" if act.act == "approve" else "no"))
