"""Runs commands one at a time, each in a supervised process; the others wait in a queue.

    start() --> [ waiting | waiting ] --one at a time--> the command --> its output, kept by id

A job is bounded in time and in what it prints, and ends with us, however we end. What it printed is kept, so that a
page can be left, loaded again, or shown to somebody else. A restart of the app forgets it.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from demos.processes import supervised
from demos.processes.demo_server import ROOT, scripted

POLL_S = 0.1
"""How often the command is looked at."""
DEMOS = (sys.executable, "-m", "demos")
"""What the command line of the demos begins with."""
MOST_CHARS = 2_000_000
"""What one job may print. Everything about two versions of a proxy is about 100,000."""
ERROR_CHARS = 2_000
"""Of its errors, the end is kept."""


class QueueFull(RuntimeError):
    """No further job is taken. `own`: because of those that this client has in the queue."""

    def __init__(self, message: str, own: bool = False) -> None:
        super().__init__(message)
        self.own = own


@dataclass(frozen=True)
class QueueLimits:
    """What one queue takes on before it says no."""

    open: int
    """Jobs that wait or run."""
    client_open: int
    """The same, of one client."""
    seconds: float
    """How long one may run before it is ended."""
    kept: int
    """Finished jobs whose output is kept; the oldest makes room."""


@dataclass(eq=False)
class Job:
    """What was asked for, and how far it has come."""

    id: str
    command: tuple[str, ...]
    client: str = ""
    output: str = ""
    """Everything that it has printed so far."""
    errors: str = ""
    """The end of what it has printed to stderr."""
    began: float | None = None
    """By the monotonic clock; None while it waits."""
    over: threading.Event = field(default_factory=threading.Event)
    status: int | None = None
    """Of the process; None while there is none, and where it was ended for its time, its length or the app's end."""
    ended_for: Literal["", "time", "length"] = ""
    """Which limit ended it."""
    evidence: tuple[str, ...] = ()
    """Ids of the evidence made of it."""

    @property
    def good(self) -> bool:
        """Whether it came to its own end without an error."""
        return self.over.is_set() and self.status == 0


class Jobs:
    """One queue: the job that runs, those that wait, and the results that are kept."""

    def __init__(
        self, what: str, limits: QueueLimits, nice: int = 0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`what` names a job in messages: "One WHAT runs and 2 wait"."""
        self._what, self._limits, self._nice, self._clock = what, limits, nice, clock
        self._kept: dict[str, Job] = {}
        self._waiting: deque[tuple[Job, Callable[[Job], None] | None]] = deque()
        self._changing = threading.Condition()
        self._worker: threading.Thread | None = None
        self._closed = False

    def get(self, id: str) -> Job | None:
        """None: never made here, or no longer kept."""
        return self._kept.get(id)

    def start(self, command: Sequence[str], client: str = "", then: Callable[[Job], None] | None = None) -> Job:
        """Begin a job, or let it wait for its turn. `then` is called once it has ended, before it counts as over.

        Raises:
            QueueFull: enough wait already, here or of this client; or the app is going down.
        """
        with self._changing:
            self._admit(client)
            job = Job(uuid.uuid4().hex[:12], tuple(command), client)
            self._kept[job.id] = job
            self._forget()
            self._waiting.append((job, then))
            if self._worker is None:
                # As a daemon: the app need not wait for it, since the command ends with us.
                self._worker = threading.Thread(target=self._work, name=self._what, daemon=True)
                self._worker.start()
            self._changing.notify()
        return job

    def ahead(self, job: Job) -> int:
        """How many have their turn before this one, with the one that runs."""
        with self._changing:
            open_ = self._open()
        return open_.index(job) if job in open_ else 0

    async def close(self) -> None:
        """End the job that runs, start no other, and wait until no process is left."""
        with self._changing:
            self._closed = True
            self._changing.notify()
        if self._worker is not None:
            await asyncio.to_thread(self._worker.join)

    def _admit(self, client: str) -> None:
        open_, limits = self._open(), self._limits
        if self._closed:
            raise QueueFull("The app is going down.")
        if len(open_) >= limits.open:
            raise QueueFull(f"One {self._what} runs and {len(open_) - 1} wait, the limit here. Try again in a minute.")
        if sum(one.client == client for one in open_) >= limits.client_open:
            raise QueueFull(f"{limits.client_open} of yours wait or run, the limit for one address.", own=True)

    def _open(self) -> list[Job]:
        return [one for one in self._kept.values() if not one.over.is_set()]

    def _forget(self) -> None:
        finished = [one.id for one in self._kept.values() if one.over.is_set()]
        for id in finished[: max(0, len(finished) - self._limits.kept)]:
            del self._kept[id]

    def _work(self) -> None:
        while True:
            with self._changing:
                while not self._waiting and not self._closed:
                    self._changing.wait()
                if self._closed:
                    return
                job, then = self._waiting.popleft()
            try:
                self._run(job)
                if then is not None:
                    then(job)
            finally:
                with self._changing:
                    job.over.set()
                    self._forget()

    def _run(self, job: Job) -> None:
        job.began = self._clock()
        try:
            with tempfile.TemporaryDirectory(prefix="streamwise-") as folder:
                self._supervise(job, Path(folder, "output"), Path(folder, "errors"))
        except (OSError, subprocess.SubprocessError) as error:  # no room, no process: the next one gets its turn
            job.errors = job.errors or str(error)

    def _supervise(self, job: Job, output: Path, errors: Path) -> None:
        """From the command's start to its end. Into files, as a full pipe would stop it."""
        with output.open("ab") as printed, errors.open("ab") as complained:
            watcher = supervised.start(job.command, printed, ROOT, scripted(), complained, self._nice)
        try:
            self._follow(job, watcher, output)
        finally:
            supervised.stop(watcher)  # in good order: a trial removes the folders of its proxies
            job.output, job.errors = _read(output), _read(errors)[-ERROR_CHARS:]

    def _follow(self, job: Job, watcher: subprocess.Popen[bytes], output: Path) -> None:
        ends = self._clock() + self._limits.seconds
        while not self._closed:
            try:
                job.status = watcher.wait(POLL_S)
                return
            except subprocess.TimeoutExpired:
                job.output = _read(output)
            if self._clock() > ends:
                job.ended_for = "time"
                return
            if len(job.output) > MOST_CHARS:
                job.ended_for = "length"
                return


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")
