"""The server's memory and processor time through the soak, and what it still holds when it is over."""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

EVERY_S = 0.5
WARM_UP = 1 / 3
"""The share of the time in which memory may still grow: caches, arenas, the first threads to be forgotten."""
MOST_GROWTH = 0.05
"""By how much of itself memory may have grown from the warm-up to the end, along the line that fits best."""
JUDGED_FROM_S = 300.0
"""A shorter soak prints its memory and does not judge it: it is all warm-up. What is still held is judged always."""
REST_S = 30.0

Sample = tuple[float, float]
"""Seconds, megabytes."""


def growth(samples: Sequence[Sample]) -> float:
    """Megabytes by which memory grew after the warm-up, along the straight line through the samples."""
    steady = settled(samples)
    times, sizes = zip(*steady, strict=True)
    slope: float = statistics.linear_regression(times, sizes).slope
    return slope * float(times[-1] - times[0])


def settled(samples: Sequence[Sample]) -> Sequence[Sample]:
    return samples[int(len(samples) * WARM_UP) :]


def thirds(samples: Sequence[Sample]) -> list[float]:
    """The median size in each third of the time."""
    edges = [round(n * len(samples) / 3) for n in range(4)]
    return [statistics.median(size for _, size in samples[a:b]) for a, b in zip(edges, edges[1:], strict=False)]


@dataclass
class Watch:
    """Samples one process, from /proc: Linux only."""

    pid: int
    samples: list[Sample] = field(default_factory=list)
    cpu: float = 0.0
    """Share of one core."""

    async def sample(self) -> None:
        """Until cancelled."""
        began, used = time.monotonic(), self._cpu_s()
        while True:
            now = time.monotonic()
            self.samples.append((now - began, self._rss_mb()))
            self.cpu = (self._cpu_s() - used) / max(now - began, 1e-9)
            await asyncio.sleep(EVERY_S)

    def _rss_mb(self) -> float:
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024

    def _cpu_s(self) -> float:
        spent = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return sum(map(int, spent)) / os.sysconf("SC_CLK_TCK")


async def held(port: int) -> dict[str, Any]:
    """What the server holds, asked on a connection of its own."""
    async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
        found: dict[str, Any] = (await http.get(f"http://127.0.0.1:{port}/held")).json()
        return found


async def at_rest(port: int, before: dict[str, Any], seconds: float = REST_S) -> tuple[dict[str, Any], list[str]]:
    """What the server holds once it has come to rest, and what of it is too much."""
    ends = time.monotonic() + seconds
    while (wrong := _more(now := await held(port), before)) and time.monotonic() < ends:
        await asyncio.sleep(EVERY_S)
    return now, wrong


def _more(now: dict[str, Any], before: dict[str, Any]) -> list[str]:
    tasks = {name: n for name, n in now["tasks"].items() if n > before["tasks"].get(name, 0)}
    wrong = [f"tasks left behind: {tasks}"] if tasks else []
    names = ("streams", "writing", "threads", "objects", "checkpoints", "files")
    return wrong + [
        f"{name}: {now[name]}, before {before[name]}" for name in names if (now[name] or 0) > (before[name] or 0)
    ]
