"""Many answers at once over several servers: one is killed every few seconds, one frozen, the engine restarted."""

from __future__ import annotations

import math
import random
import signal
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import partial

import httpx

from tests import patience
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


class Rounds:
    """Where each asker is. All of them can be had to begin at the same time."""

    def __init__(self, askers: int) -> None:
        self._reads: dict[int, bool | None] = dict.fromkeys(range(askers))
        self._changed = threading.Condition()
        self._is_held = False

    def ask(self, number: int) -> None:
        """Wait for one's turn to ask; at once unless all are to begin together."""
        with self._changed:
            self._reads[number] = None
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._is_held)
            self._reads[number] = False

    def reads(self, number: int) -> None:
        """Every reader of this asker's answer has some of it."""
        with self._changed:
            self._reads[number] = True
            self._changed.notify_all()

    def together(self, within_s: float) -> bool:
        """Let all end, and ask again at the same time; returns when all answers are being read, or False."""
        with self._changed:
            self._is_held = True
            is_held = self._changed.wait_for(lambda: all(one is None for one in self._reads.values()), within_s)
            self._is_held = False
            self._changed.notify_all()
            return is_held and self._changed.wait_for(lambda: all(self._reads.values()), within_s)


def soak(stage: Stage, seconds: float, streams: int, rate: float, every_s: float = 5.0, seed: int = 1) -> Found:
    """Ask `streams` questions at once until the time is over; each answer is read over both transports."""
    found, over, lock, rounds = Found(), threading.Event(), threading.Lock(), Rounds(streams)
    n_tokens = round(100 * patience.factor())  # so that all are still written when the last reader has begun

    def ask(number: int) -> None:
        while not over.is_set():
            rounds.ask(number)
            try:
                begun = partial(rounds.reads, number)
                result = run(stage, None, 1, readers=1, then=begun, rate=rate, seed=number, n_tokens=n_tokens)
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
    _strike(stage, seconds, every_s, random.Random(seed), found, rounds)
    over.set()
    ends = time.monotonic() + patience.seconds(120)
    for asker in askers:
        asker.join(max(0.0, ends - time.monotonic()))
    if any(asker.is_alive() for asker in askers):
        found.failed.append("a reader waits for ever")
    return found


def _strike(stage: Stage, seconds: float, every_s: float, chance: random.Random, found: Found, rounds: Rounds) -> None:
    """Kill a server every few seconds; once freeze one, and once restart the engine, which has forgotten everything.

    What is written then must come back, and what had ended is gone: so the engine is lost while all are written.
    """
    began = time.monotonic()
    left = {"frozen": seconds / 3, "engine restarts": 2 * seconds / 3}
    while (passed := time.monotonic() - began) < seconds or left:  # a slow machine is late with its blows
        server = chance.choice(stage.servers)
        if passed > left.get("frozen", math.inf):
            del left["frozen"]
            found.blows["frozen"] += 1
            server.signal(signal.SIGSTOP)
            time.sleep(2 * LEASE_MS / 1000)
            server.signal(signal.SIGCONT)
        elif passed > left.get("engine restarts", math.inf):
            del left["engine restarts"]
            found.blows["engine restarts"] += 1
            if not rounds.together(patience.seconds(120)):
                found.failed.append("the answers are not written at the same time")
            stage.engine.kill()
            time.sleep(1)
            stage.engine.start()
            time.sleep(2 * LEASE_MS / 1000)  # engine and owner at once are more than is promised
        else:
            found.blows["killed"] += 1
            server.again()
        time.sleep(every_s)
