"""`python -m demos proxy | emulate` for a page: a child process each, one at a time, the rest wait. Reads no line.

An attempt is bounded in time and ends with us, however we go. What it said is kept by id, so that a page can be left,
loaded again, or shown to somebody else. A restart of the app forgets it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from demos.limits import Limits
from demos.processes.demo_server import ROOT
from demos.processes.supervised import release, tethered

LOOK_S = 0.1
"""How often the child is looked at."""
MOST_CHARS = 2_000_000
"""What one attempt may say. Everything about two versions of a proxy is about 100,000."""
DEMOS = (sys.executable, "-m", "demos")


class Full(RuntimeError):
    """One attempt goes on, and enough wait."""


@dataclass
class Attempt:
    """What was asked, and how far it has come."""

    id: str
    arguments: tuple[str, ...]
    """After `python -m demos`."""
    said: str = ""
    """Everything that it has written so far."""
    began: float | None = None
    """By the monotonic clock; None while it waits."""
    over: threading.Event = field(default_factory=threading.Event)
    status: int | None = None
    """Of the process; None while there is none, and where it was ended for its time or its length."""
    evidence: tuple[str, ...] = ()
    """Ids of the evidence made of it."""

    @property
    def good(self) -> bool:
        return self.over.is_set() and self.status == 0


class Attempts:
    """All attempts of one process."""

    def __init__(self, limits: Limits, command: Sequence[str] = DEMOS) -> None:
        self._limits = limits
        self._command = command
        self._kept: dict[str, Attempt] = {}
        self._changing = threading.Condition()
        self._worker: threading.Thread | None = None

    def get(self, id: str) -> Attempt | None:
        """None: never made here, or no longer kept."""
        return self._kept.get(id)

    def start(self, *arguments: str) -> Attempt:
        """Begin one, or let it wait for its turn.

        Raises:
            Full: enough wait already.
        """
        with self._changing:
            open_ = self._open()
            if len(open_) > self._limits.attempts_waiting:
                raise Full(f"One trial goes on and {len(open_) - 1} wait, the limit here. Try again in a minute.")
            attempt = Attempt(uuid.uuid4().hex[:12], arguments)
            self._kept[attempt.id] = attempt
            self._forget()
            if self._worker is None:
                # As a daemon: the app need not wait for it, since the child ends with us.
                self._worker = threading.Thread(target=self._work, name="attempts", daemon=True)
                self._worker.start()
            self._changing.notify()
        return attempt

    def before(self, attempt: Attempt) -> int:
        """How many have their turn before this one, with the one that goes on."""
        with self._changing:
            open_ = self._open()
        return open_.index(attempt) if attempt in open_ else 0

    def _open(self) -> list[Attempt]:
        return [one for one in self._kept.values() if not one.over.is_set()]

    def _forget(self) -> None:
        finished = [one.id for one in self._kept.values() if one.over.is_set()]
        for id in finished[: max(0, len(self._kept) - self._limits.attempts)]:
            del self._kept[id]

    def _work(self) -> None:
        while True:
            with self._changing:
                while not (open_ := self._open()):
                    self._changing.wait()
            self._make(open_[0])

    def _make(self, attempt: Attempt) -> None:
        attempt.began = time.monotonic()
        try:
            with tempfile.TemporaryDirectory(prefix="streamwise-") as folder:
                # Into a file, as a full pipe would stop it.
                log = Path(folder, "log")
                with log.open("ab") as output:
                    process = tethered([*self._command, *attempt.arguments], output, ROOT)
                try:
                    self._follow(attempt, process, log)
                finally:
                    release(process)
                    attempt.said = _read(log)
        except (OSError, subprocess.SubprocessError) as error:
            attempt.said += f"\n{error}"
        finally:
            attempt.over.set()

    def _follow(self, attempt: Attempt, process: subprocess.Popen[bytes], log: Path) -> None:
        ends = time.monotonic() + self._limits.attempt_seconds
        while process.poll() is None:
            attempt.said = _read(log)
            if time.monotonic() > ends or len(attempt.said) > MOST_CHARS:
                return
            time.sleep(LOOK_S)
        attempt.status = process.returncode


def _read(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")


ATTEMPTS = Attempts(Limits.from_environment())
"""This process' own."""
