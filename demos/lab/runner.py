"""Runs a scenario fairly: own server, subjects in turn with rotated order, one warm-up that is discarded.

Each subject reads its own run with the same seed, since two readers on one machine would slow each other down.
"""

from __future__ import annotations

import asyncio
import platform
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, median_low
from typing import Any

from demos.evidence import versions
from demos.harness.testbed import Stage, controlled
from demos.lab.words import first_sentence
from demos.processes.demo_server import served
from demos.scenarios import Scenario
from guide.book import book
from guide.model import Measurement

WHERE = f"{platform.system()} {platform.machine()}, loopback, one machine"


@dataclass(frozen=True)
class Result:
    """One subject's numbers in one run."""

    run: int
    measurement: Measurement


@dataclass(frozen=True)
class Spread:
    """One figure of one subject over all runs."""

    transport: str
    client: str
    figure: str
    median: float
    least: float
    most: float
    runs: int


@dataclass(frozen=True)
class Report:
    """The results, with all information that is needed to judge them."""

    scenario: str
    title: str
    watch: str
    seed: int
    runs: int
    where: str
    how: str
    versions: dict[str, str]
    results: tuple[Result, ...]


def experiment(name: str, scenario: Scenario, runs: int, seed: int) -> Report:
    """Measure a scenario `runs` times per subject, against a server of its own.

    Raises:
        RuntimeError: the server did not start, or refused something.
    """
    with served(scenario.child) as child:
        results = asyncio.run(_measured(scenario, Stage(child, controlled(child.port)), runs, seed))
    counted = Counter(map(str, scenario.faults)).items()
    faults = ", ".join(fault if n == 1 else f"{n} times {fault}" for fault, n in counted) or "no fault"
    means = scenario.means or f"TCP relay: {faults}"
    how = f"{means}; seed + run number as seed; clients in turn, order rotated; one warm-up each, discarded"
    known = f"scenario.{name}.title" in book().words
    title, watch = (book().words[f"scenario.{name}.title"], first_sentence(name)) if known else (name, name)
    return Report(name, title, watch, seed, runs, WHERE, how, versions(), tuple(results))


async def _measured(scenario: Scenario, stage: Stage, runs: int, seed: int) -> list[Result]:
    results: list[Result] = []
    async with stage.control:
        for run in range(runs + 1):
            setup = scenario.setup(seed + run, warm_up=run == 0)
            shift = run % len(scenario.subjects)
            for subject in scenario.subjects[shift:] + scenario.subjects[:shift]:
                found = await subject.measure(stage, setup)
                if run:
                    results.append(Result(run, found))
    return results


def flat(measurement: Measurement) -> dict[str, Any]:
    """All figures of one run's measurement on one level."""
    found = measurement.model_dump(exclude={"spread"})
    figures: dict[str, float | None] = found.pop("figures")
    return found | figures


def spreads(results: Sequence[Result]) -> list[Spread]:
    """Median, minimum and maximum of every figure over all runs, for each subject."""
    found: dict[tuple[str, str, str], list[float]] = {}
    for result in results:
        about = result.measurement
        for figure, value in flat(about).items():
            if isinstance(value, int | float) and not isinstance(value, bool):
                found.setdefault((about.transport, about.client, figure), []).append(value)
    return [Spread(*key, _middle(all_), min(all_), max(all_), len(all_)) for key, all_ in found.items()]


def _middle(values: Sequence[float]) -> float:
    """Return the median; for counts the lower of the two middle values, since half a token does not exist."""
    counts = all(isinstance(value, int) for value in values)
    return median_low(values) if counts else median(values)
