"""Runs commands one at a time, each in a supervised process; the others wait in a queue.

    start() --> [ waiting | waiting ] --one at a time--> the command --> its output, kept by id

A job is limited in time and output, and ends with this process, even if it is killed. Its output is stored, so that a
page can be left, reloaded or shared. A restart of the app deletes it.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from demos.processes import supervised
from demos.processes.demo_server import ROOT, scripted

POLL_S = 0.1
"""Seconds between two checks of the command."""
DEMOS = (sys.executable, "-m", "demos")
"""Start of every command line of the demos."""
MOST_CHARS = 2_000_000
"""Maximum output of one job. All results of two versions of a proxy take about 100,000."""
ERROR_CHARS = 2_000
"""Characters of stderr that are kept, from its end."""


class QueueFull(RuntimeError):
    """The queue accepts no further job. `own`: because of this client's own jobs in the queue."""

    def __init__(self, message: str, own: bool = False) -> None:
        super().__init__(message)
        self.own = own


@dataclass(frozen=True)
class QueueLimits:
    """Limits of one queue."""

    open: int
    """Maximum of waiting and running jobs."""
    client_open: int
    """The same, for one client."""
    seconds: float
    """Maximum time of one job."""
    kept: int
    """Maximum of stored finished jobs; the oldest of whoever has most is removed first."""


@dataclass(eq=False)
class Job:
    """One command in the queue, with its state and output."""

    id: str
    command: tuple[str, ...]
    client: str = ""
    output: str = ""
    """Its output so far."""
    errors: str = ""
    """The end of its stderr output."""
    began: float | None = None
    """Start time on the monotonic clock; None while it waits."""
    over: threading.Event = field(default_factory=threading.Event)
    status: int | None = None
    """Exit status; None before the end, and if the job was ended for its time, its output or the app's shutdown."""
    ended_for: Literal["", "time", "length", "request"] = ""
    """The limit that ended it, or whoever started it; empty for none."""
    evidence: tuple[str, ...] = ()
    """Ids of the evidence from its output."""

    @property
    def good(self) -> bool:
        """Whether it has finished without an error."""
        return self.over.is_set() and self.status == 0


class Jobs:
    """One queue: running, waiting and finished jobs."""

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
        self._served: str | None = None
        """Whose job was the newest to begin."""

    def get(self, id: str) -> Job | None:
        """Return a job; None if unknown or removed."""
        return self._kept.get(id)

    def start(self, command: Sequence[str], client: str = "", then: Callable[[Job], None] | None = None) -> Job:
        """Add a job to the queue. `then` is called after its end, before `over` is set.

        Raises:
            QueueFull: the limit of the queue or of this client is reached; or the app is shutting down.
        """
        with self._changing:
            self._admit(client)
            job = Job(uuid.uuid4().hex[:12], tuple(command), client)
            self._kept[job.id] = job
            self._forget()
            self._waiting.append((job, then))
            if self._worker is None:
                # A daemon thread: the app need not wait for it, since the command ends with this process.
                self._worker = threading.Thread(target=self._work, name=self._what, daemon=True)
                self._worker.start()
            self._changing.notify()
        return job

    def ahead(self, job: Job) -> int:
        """Number of jobs before this one, including the running one."""
        with self._changing:
            open_ = self._open()
        return open_.index(job) if job in open_ else 0

    def end(self, job: Job) -> None:
        """End a job that nobody wants any more, whether it runs or waits. No effect on a finished one."""
        with self._changing:
            if job.over.is_set():
                return
            job.ended_for = job.ended_for or "request"
            if waiting := [one for one in self._waiting if one[0] is job]:
                self._waiting.remove(waiting[0])
                job.over.set()

    async def close(self) -> None:
        """Stop the running job, start no other, and wait until no process is left."""
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
        """Remove finished jobs beyond the limit: the oldest of whoever has most."""
        finished = [one for one in self._kept.values() if one.over.is_set()]
        while len(finished) > self._limits.kept:
            counts = Counter(one.client for one in finished)
            most = max(counts.values())
            oldest = next(one for one in finished if counts[one.client] == most)
            finished.remove(oldest)
            del self._kept[oldest.id]

    def _work(self) -> None:
        while True:
            with self._changing:
                while not self._waiting and not self._closed:
                    self._changing.wait()
                if self._closed:
                    return
                job, then = self._next()
            try:
                self._run(job)
                if then is not None:
                    then(job)
            finally:
                with self._changing:
                    job.over.set()
                    self._forget()

    def _next(self) -> tuple[Job, Callable[[Job], None] | None]:
        """Take the next job: by turns of those who wait, so that one who asks for many delays others by one."""
        chosen = next((one for one in self._waiting if one[0].client != self._served), self._waiting[0])
        self._waiting.remove(chosen)
        self._served = chosen[0].client
        return chosen

    def _run(self, job: Job) -> None:
        job.began = self._clock()
        try:
            with tempfile.TemporaryDirectory(prefix="streamwise-") as folder:
                self._supervise(job, Path(folder, "output"), Path(folder, "errors"))
        except (OSError, subprocess.SubprocessError) as error:  # no disk space, no process: go on with the next job
            job.errors = job.errors or str(error)

    def _supervise(self, job: Job, output: Path, errors: Path) -> None:
        """Run the command to its end. Output goes to files, as a full pipe would block it."""
        with output.open("ab") as printed, errors.open("ab") as complained:
            watcher = supervised.start(job.command, printed, ROOT, scripted(), complained, self._nice)
        try:
            self._follow(job, watcher, output)
        finally:
            supervised.stop(watcher)  # by SIGTERM, so that a trial can remove the folders of its proxies
            job.output, job.errors = _read(output), _read(errors)[-ERROR_CHARS:]

    def _follow(self, job: Job, watcher: subprocess.Popen[bytes], output: Path) -> None:
        ends = self._clock() + self._limits.seconds
        while not self._closed:
            try:
                job.status = watcher.wait(POLL_S)
                return
            except subprocess.TimeoutExpired:
                job.output = _read(output)
            if job.ended_for:
                return
            if self._clock() > ends:
                job.ended_for = "time"
                return
            if len(job.output) > MOST_CHARS:
                job.ended_for = "length"
                return


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")
