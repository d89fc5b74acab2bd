"""Many answers at once over several servers: one is killed every few seconds, one frozen, the engine restarted."""

from __future__ import annotations

import random
import signal
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

import httpx

from tests.replicas.stage import LEASE_MS, Stage
from tests.replicas.trials import Result, run


@dataclass
class Found:
    """What came of all answers."""

    answers: int = 0
    lost: int = 0
    repeated: int = 0
    not_right: list[Result] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    """Readers that could not be served at all."""
    blows: Counter[str] = field(default_factory=Counter)

    @property
    def is_right(self) -> bool:
        return self.answers > 0 and not self.not_right and not self.failed

    def line(self) -> str:
        blows = ", ".join(f"{count} {name}" for name, count in self.blows.items()) or "none"
        return (
            f"{self.answers} answers, {self.lost} tokens lost, {self.repeated} repeated, "
            f"{len(self.not_right)} not right, {len(self.failed)} not served; blows: {blows}"
        )


def soak(stage: Stage, seconds: float, streams: int, rate: float, every_s: float = 5.0, seed: int = 1) -> Found:
    """Ask `streams` questions at once until the time is over; each answer is read over both transports."""
    found, over, lock = Found(), threading.Event(), threading.Lock()

    def ask(number: int) -> None:
        while not over.is_set():
            try:
                result = run(stage, None, after=0, readers=1, rate=rate, seed=number, n_tokens=100)
            except (AssertionError, OSError, httpx.HTTPError, KeyError, ValueError) as error:
                with lock:
                    found.failed.append(f"{type(error).__name__}: {error}"[:200])
                continue
            with lock:
                found.answers += 1
                found.lost += result.lost
                found.repeated += result.repeated
                if not result.is_right:
                    found.not_right.append(result)

    askers = [threading.Thread(target=ask, args=(number,), daemon=True) for number in range(streams)]
    for asker in askers:
        asker.start()
    _strike(stage, seconds, every_s, random.Random(seed), found)
    over.set()
    for asker in askers:
        asker.join(120)
    if any(asker.is_alive() for asker in askers):
        found.failed.append("a reader waits for ever")
    return found


def _strike(stage: Stage, seconds: float, every_s: float, chance: random.Random, found: Found) -> None:
    """Kill a server every few seconds; once freeze one, and once restart the engine, which has forgotten everything."""
    began = time.monotonic()
    left = {"frozen": seconds / 3, "engine restarts": 2 * seconds / 3}
    while (passed := time.monotonic() - began) < seconds:
        server = chance.choice(stage.servers)
        if passed > left.get("frozen", seconds):
            del left["frozen"]
            found.blows["frozen"] += 1
            server.signal(signal.SIGSTOP)
            time.sleep(2 * LEASE_MS / 1000)
            server.signal(signal.SIGCONT)
        elif passed > left.get("engine restarts", seconds):
            del left["engine restarts"]
            found.blows["engine restarts"] += 1
            stage.engine.kill()
            time.sleep(1)
            stage.engine.start()
            time.sleep(2 * LEASE_MS / 1000)  # engine and owner at once are more than is promised
        else:
            found.blows["killed"] += 1
            server.again()
        time.sleep(every_s)
