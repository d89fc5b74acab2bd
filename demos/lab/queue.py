"""Queue of measurements without a browser, requested from the page; one at a time, each in its own process.

    POST --ask--> [ waiting | waiting ] --one at a time--> python -m demos measure NAME --> report, evidence

Runs only that command line, at low priority and with a time limit (`demos.processes.jobs`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from demos import evidence
from demos.lab.medians import results, together
from demos.limits import Limits
from demos.processes.jobs import DEMOS, Job, Jobs, QueueFull, QueueLimits
from demos.protocol.errors import Refusal, invalid
from demos.scenarios import scenarios
from guide.model import Evidence

LARGEST_SEED = 999_999
LOW_PRIORITY = 10
"""Niceness of a measurement, since users watch streams in the app at the same time."""
BESIDE = "in a separate process beside the app, at low priority"
Command = Callable[[str, int, int], Sequence[str]]


def command_line(scenario: str, runs: int, seed: int) -> list[str]:
    """Command line of a measurement, as a user would type it."""
    options = ["--runs", str(runs), "--seed", str(seed), "--format", "json"]
    return [*DEMOS, "measure", scenario, *options]


@dataclass(eq=False)
class Requested:
    """One requested measurement, with its state and result."""

    scenario: str
    runs: int
    seed: int
    job: Job | None = None
    report: dict[str, Any] | None = None
    evidence_id: str | None = None
    failure: str = ""
    """Why it failed, in a sentence."""

    @property
    def state(self) -> Literal["waiting", "running", "done", "failed"]:
        if self.job is None or self.job.began is None:
            return "waiting"
        if not self.job.over.is_set():
            return "running"
        return "failed" if self.failure else "done"


class Failed(Exception):
    """A measurement failed; the message says why."""


class Measurements:
    """All requested measurements: running, waiting and finished ones."""

    def __init__(
        self,
        limits: Limits,
        store: evidence.Store,
        command: Command = command_line,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limits, self._store, self._command = limits, store, command
        queue = QueueLimits(
            limits.experiments, limits.client_experiments, limits.experiment_seconds, limits.experiment_results
        )
        self._jobs = Jobs("measurement", queue, LOW_PRIORITY, clock)
        self._requested: dict[str, Requested] = {}

    def ask(self, scenario: str, runs: int, seed: int, client: str) -> Requested:
        """Add a measurement to the queue.

        Raises:
            Refusal: too many runs, queue full for all (503) or for this address (429), or the app is shutting down.
        """
        most = self._limits.experiment_runs
        if not 1 <= runs <= most:
            raise invalid(f"runs is {runs}. Allowed: a whole number from 1 to {most}.")
        if not 0 <= seed <= LARGEST_SEED:
            raise invalid(f"seed is {seed}. Allowed: a whole number from 0 to {LARGEST_SEED}.")
        requested = Requested(scenario, runs, seed)
        command = self._command(scenario, runs, seed)
        try:
            requested.job = self._jobs.start(command, client, lambda job: self._conclude(requested, job))
        except QueueFull as full:
            raise Refusal(429 if full.own else 503, "too_many_experiments", str(full)) from None
        self._requested = {id: one for id, one in self._requested.items() if self._jobs.get(id)}
        self._requested[requested.job.id] = requested
        return requested

    def find(self, id: str) -> Requested:
        """Return a measurement. Raises Refusal (404), whose message says that results expire."""
        if id in self._requested and self._jobs.get(id):
            return self._requested[id]
        raise Refusal(
            404,
            "no_such_experiment",
            f"There is no measurement {id!r:.60} here. A restart forgets it, and so does lack of room.",
        )

    def as_dict(self, requested: Requested) -> dict[str, Any]:
        """State and result of a measurement, for its page."""
        assert requested.job is not None
        state = requested.state
        return {
            "id": requested.job.id,
            "scenario": requested.scenario,
            "runs": requested.runs,
            "seed": requested.seed,
            "state": state,
            "ahead": self._jobs.ahead(requested.job) if state == "waiting" else 0,
            "report": requested.report,
            "evidence_id": requested.evidence_id,
            "message": requested.failure,
        }

    def _conclude(self, requested: Requested, job: Job) -> None:
        """Read the command's output. Runs in the queue's thread after the command's end."""
        try:
            report = _in_order(_report(job, self._limits.experiment_seconds), requested.scenario)
            requested.evidence_id = self._keep(requested, report).id
            requested.report = report
        except Failed as failed:
            requested.failure = str(failed)
        except Exception as error:  # an unexpected report must not stop the queue
            requested.failure = f"It could not be measured: {error}"

    def _keep(self, requested: Requested, report: dict[str, Any]) -> Evidence:
        runs = "" if requested.runs == 1 else f", median of {requested.runs} runs"
        how = f"Measured without a browser{runs}, {BESIDE}. {report['how']}."
        measured = together(results(report))
        kept = evidence.make(requested.scenario, report["title"], how, measured, requested.seed, requested.runs)
        return self._store.keep(kept)

    async def close(self) -> None:
        """Stop the running measurement, and start no other."""
        await self._jobs.close()


def _in_order(report: dict[str, Any], scenario: str) -> dict[str, Any]:
    """Sort the clients in the scenario's order, since the order of measurement is rotated and has no meaning."""
    places = {(one.transport, one.client): n for n, one in enumerate(scenarios()[scenario].subjects)}
    for part in ("results", "spreads"):
        report[part].sort(key=lambda one: places.get((one["transport"], one["client"]), len(places)))
    return report


def _report(job: Job, limit_s: float) -> dict[str, Any]:
    """Return the printed report of a successful job.

    Raises:
        Failed: it took too long, or failed; with the last line of its errors.
    """
    if job.ended_for == "time":
        raise Failed(f"It took longer than {limit_s:g} s, the limit here, and was ended.")
    if job.ended_for == "length":
        raise Failed("It printed more than is kept here, and was ended.")
    if job.status is None:
        raise Failed("It was ended with the app." if not job.errors else f"It could not be measured: {job.errors}")
    if job.status:
        lines = job.errors.strip().splitlines()
        raise Failed(f"It ended with status {job.status}. It said: {lines[-1][:300] if lines else 'nothing'}")
    try:
        found: dict[str, Any] = json.loads(job.output)
        return found
    except ValueError:
        raise Failed("It ended without a report.") from None
