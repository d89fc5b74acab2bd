"""Measurements without a browser, asked for from the page: one after another, each in a process of its own.

    POST --ask--> [ waiting | waiting ] --one at a time--> python -m demos measure NAME --> report, evidence

What is run is the command line and nothing else. The process has a group of its own, a low priority and a time limit,
and it ends when this one does, however that happens (`demos.processes.parent_watch`).
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from demos import evidence
from demos.lab.medians import results, together
from demos.limits import Limits
from demos.processes.demo_server import ROOT, inherited
from demos.protocol.errors import Refusal, invalid
from demos.scenarios import scenarios
from guide.model import Evidence

LARGEST_SEED = 999_999
BESIDE = "in a process of its own beside the app, at low priority"
Command = Callable[[str, int, int], Sequence[str]]


def command_line(scenario: str, runs: int, seed: int) -> list[str]:
    """Just what somebody would type."""
    options = ["--runs", str(runs), "--seed", str(seed), "--format", "json"]
    return [sys.executable, "-m", "demos", "measure", scenario, *options]


@dataclass(eq=False)
class Experiment:
    """One measurement that was asked for, and what has become of it."""

    scenario: str
    runs: int
    seed: int
    client: str
    id: str
    state: Literal["waiting", "running", "done", "failed"] = "waiting"
    report: dict[str, Any] | None = None
    evidence_id: str | None = None
    message: str = ""
    """Why it failed, in a sentence."""

    @property
    def over(self) -> bool:
        return self.state in ("done", "failed")


class Failed(Exception):
    """A measurement that did not come to its end; the text says why."""


class Experiments:
    """All that were asked for: the one that is running, those that wait, and the results that are kept."""

    def __init__(self, limits: Limits, store: evidence.Store, command: Command = command_line) -> None:
        self._limits, self._store, self._command = limits, store, command
        self._known: dict[str, Experiment] = {}
        self._waiting: deque[Experiment] = deque()
        self._worker: asyncio.Task[None] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False

    def ask(self, scenario: str, runs: int, seed: int, client: str) -> Experiment:
        """Put one into the queue.

        Raises:
            Refusal: too many runs, too many waiting here (503) or from this address (429), or the app is going down.
        """
        most = self._limits.experiment_runs
        if not 1 <= runs <= most:
            raise invalid(f"runs is {runs}. Allowed: a whole number from 1 to {most}.")
        if not 0 <= seed <= LARGEST_SEED:
            raise invalid(f"seed is {seed}. Allowed: a whole number from 0 to {LARGEST_SEED}.")
        waiting = [one for one in self._known.values() if not one.over]
        if self._closed or len(waiting) >= self._limits.experiments:
            raise Refusal(
                503,
                "too_many_experiments",
                f"{len(waiting)} measurements are waiting here, {self._limits.experiments} is the limit. Try later.",
            )
        if sum(one.client == client for one in waiting) >= self._limits.client_experiments:
            raise Refusal(
                429,
                "too_many_experiments",
                f"{self._limits.client_experiments} measurements of yours are waiting, the limit for one address.",
            )
        asked = Experiment(scenario, runs, seed, client, uuid.uuid4().hex[:12])
        self._known[asked.id] = asked
        self._waiting.append(asked)
        self._make_room()
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work(), name="measure")
        return asked

    def _make_room(self) -> None:
        over = [one for one in self._known.values() if one.over]
        for one in over[: max(0, len(over) - self._limits.experiment_results)]:
            del self._known[one.id]

    def find(self, id: str) -> Experiment:
        """Raises Refusal (404), which says that results expire."""
        try:
            return self._known[id]
        except KeyError:
            raise Refusal(
                404,
                "no_such_experiment",
                f"There is no measurement {id!r:.60} here. A restart forgets it, and so does lack of room.",
            ) from None

    def told(self, asked: Experiment) -> dict[str, Any]:
        """What its page is told."""
        before = [one for one in self._known.values() if not one.over]
        return {
            "id": asked.id,
            "scenario": asked.scenario,
            "runs": asked.runs,
            "seed": asked.seed,
            "state": asked.state,
            "ahead": before.index(asked) if asked.state == "waiting" else 0,
            "report": asked.report,
            "evidence_id": asked.evidence_id,
            "message": asked.message,
        }

    async def _work(self) -> None:
        while self._waiting:
            asked = self._waiting.popleft()
            asked.state = "running"
            try:
                asked.report = await asyncio.to_thread(self._measure, asked)
                asked.evidence_id = self._keep(asked, asked.report).id
                asked.state = "done"
            except Failed as failed:
                asked.state, asked.message = "failed", str(failed)
            except Exception as error:  # such as no process left to start: the next one gets its turn all the same
                asked.state, asked.message = "failed", f"It could not be measured: {error}"
            self._make_room()

    def _measure(self, asked: Experiment) -> dict[str, Any]:
        """In a thread: from its start to its end. Into files, as a full pipe would stop it.

        Raises:
            Failed: it ended early, took too long, or printed no report.
        """
        command, seconds = self._command(asked.scenario, asked.runs, asked.seed), self._limits.experiment_seconds
        with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as complained:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=inherited(),
                stdin=subprocess.PIPE,
                stdout=printed,
                stderr=complained,
                start_new_session=True,
            )
            self._process = process
            if self._closed:
                end(process)
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                raise Failed(f"It took longer than {seconds} s, the limit here, and was ended.") from None
            finally:
                end(process)
                self._process = None
            printed.seek(0)
            complained.seek(max(0, complained.seek(0, os.SEEK_END) - 2000))
            return _ordered(_report(process.returncode, printed.read(), complained.read()), asked.scenario)

    def _keep(self, asked: Experiment, report: dict[str, Any]) -> Evidence:
        runs = "" if asked.runs == 1 else f", median of {asked.runs} runs"
        how = f"Measured without a browser{runs}, {BESIDE}. {report['how']}."
        measured = together(results(report))
        kept = evidence.make(asked.scenario, report["title"], how, measured, asked.seed, asked.runs)
        return self._store.keep(kept)

    async def close(self) -> None:
        """End the one that is running, and let nobody wait for the others."""
        self._closed = True
        self._waiting.clear()
        if self._process is not None:
            end(self._process)
        if self._worker is not None:
            await self._worker


def end(process: subprocess.Popen[bytes]) -> None:
    """By force, it and all that it started: nothing in it wants to be put in order."""
    if process.poll() is None:
        if hasattr(os, "killpg"):
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass  # it was faster
        else:
            process.kill()  # whatever it started is tied to it
    process.wait()
    if process.stdin is not None:
        process.stdin.close()


def _ordered(report: dict[str, Any], scenario: str) -> dict[str, Any]:
    """Clients in the scenario's order: they are measured in turn, and with whom a run began says nothing."""
    places = {(one.transport, one.client): n for n, one in enumerate(scenarios()[scenario].subjects)}
    for part in ("results", "spreads"):
        report[part].sort(key=lambda one: places.get((one["transport"], one["client"]), len(places)))
    return report


def _report(status: int, printed: bytes, complained: bytes) -> dict[str, Any]:
    """What was printed, if all went well.

    Raises:
        Failed: with the last line of what it said.
    """
    said = complained.decode(errors="replace").strip().splitlines()
    if status:
        raise Failed(f"It ended with status {status}. It said: {said[-1][:300] if said else 'nothing'}")
    try:
        found: dict[str, Any] = json.loads(printed)
        return found
    except ValueError:
        raise Failed("It ended without a report.") from None
