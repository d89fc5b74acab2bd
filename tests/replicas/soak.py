"""Many answers at once over several servers that are killed and frozen, as their engine is."""

from __future__ import annotations

import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import httpx

from tests import patience
from tests.demos.toys import until
from tests.replicas.stage import LEASE_MS, Server, Stage
from tests.replicas.trials import Result, run, undisturbed

FASTEST, AT_ONCE = 1.5, 1000


@dataclass
class Found:
    """What came of all answers."""

    answers: int = 0
    lost: int = 0
    repeated: int = 0
    not_right: list[Result] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    """Readers that could not be served at all, and blows that could not be struck."""
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
    """Has all askers begin at the same time, so that all of their answers are written at the same time."""

    def __init__(self, askers: int) -> None:
        self._waits = dict.fromkeys(range(askers), False)
        self._reads = dict.fromkeys(range(askers), "")
        """asker -> the thread of which all of its readers have a part"""
        self._changed = threading.Condition()
        self._is_held = False

    def ask(self, number: int) -> None:
        """Wait for one's turn to ask; at once unless all are to begin together."""
        with self._changed:
            self._waits[number], self._reads[number] = True, ""
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._is_held)
            self._waits[number] = False

    def read(self, number: int, thread_id: str) -> None:
        """Every reader of this asker's answer has a part of it."""
        with self._changed:
            self._reads[number] = thread_id
            self._changed.notify_all()

    def reading(self) -> list[str]:
        """The threads that are read now."""
        with self._changed:
            return [thread_id for thread_id in self._reads.values() if thread_id]

    def together(self, within_s: float) -> list[str]:
        """Let all end, and ask again at the same time; returns their threads when all are read, or nothing."""
        with self._changed:
            self._is_held = True
            is_held = self._changed.wait_for(lambda: all(self._waits.values()), within_s)
            self._is_held = False
            self._changed.notify_all()
            if is_held and self._changed.wait_for(lambda: all(self._reads.values()), within_s):
                return [*self._reads.values()]
            return []


def soak(stage: Stage, seconds: float, streams: int, rate: float, every_s: float = 5.0, seed: int = 1) -> Found:
    """Ask `streams` questions at once until the time is over; each answer is read over both transports.

    `rate`: tokens a second of the slowest answer; the fastest is up to `FASTEST` times as fast, so that a blow meets
    them at different points. Every answer must be the one that is written when nothing happens.
    """
    found, over, lock, rounds = Found(), threading.Event(), threading.Lock(), Rounds(streams)
    n_tokens = round(100 * patience.factor())
    whole = [undisturbed(stage, rate=AT_ONCE, seed=number, n_tokens=n_tokens) for number in range(streams)]

    def ask(number: int) -> None:
        while not over.is_set():
            rounds.ask(number)
            own = rate * (1 + (FASTEST - 1) * number / streams)
            try:
                came = partial(rounds.read, number)
                result = run(stage, None, n_tokens // 5, 1, came, rate=own, seed=number, n_tokens=n_tokens)
            except Exception as error:  # whatever it is: this asker asks again
                with lock:
                    found.failed.append(f"{type(error).__name__}: {error}"[:200])
                continue
            with lock:
                found.answers += 1
                found.lost += result.lost
                found.repeated += result.repeated
                if not result.is_right or (result.outcome, result.text) != ("completed", whole[number]):
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
    """Kill a server every few seconds, and do once what else may happen, also where a slow machine is late with it."""
    began = time.monotonic()

    def writer() -> Server:
        """One that writes an answer that is read, if there is any."""
        owners = [stage.owner(thread_id) for thread_id in rounds.reading()]
        return chance.choice([owner for owner in owners if owner is not None] or stage.servers)

    planned: list[tuple[str, Callable[[], object]]] = [
        ("frozen", lambda: _freeze(writer())),
        ("engine away", lambda: _let_the_engine_be_away(stage)),
        ("engine restarts", lambda: _lose_the_engine(stage, rounds, found)),
    ]
    moments = [seconds * (n + 1) / (len(planned) + 1) for n in range(len(planned))]
    while (passed := time.monotonic() - began) < seconds or planned:
        is_due = bool(planned) and passed > moments[-len(planned)]
        name, strike = planned.pop(0) if is_due else ("killed", lambda: writer().again())
        found.blows[name] += 1
        strike()
        time.sleep(every_s)


def _freeze(server: Server) -> None:
    server.signal(signal.SIGSTOP)
    time.sleep(2 * LEASE_MS / 1000)
    server.signal(signal.SIGCONT)


def _let_the_engine_be_away(stage: Stage) -> None:
    """Until all servers say so, and again until all are well, while whoever likes asks and reads."""
    stage.engine.freeze()
    until(lambda: all(_health(server) == 503 for server in stage.servers))
    stage.engine.wake()
    until(lambda: all(_health(server) == 200 for server in stage.servers))
    time.sleep(2 * LEASE_MS / 1000)  # engine and owner at once are more than is promised


def _health(server: Server) -> int:
    return httpx.get(f"{server.api}/health", timeout=30).status_code


def _lose_the_engine(stage: Stage, rounds: Rounds, found: Found) -> None:
    """Restart the engine, which has forgotten everything then, while all answers are written: each must come back.

    What had ended would be gone.
    """
    if not _all_are_written(stage, rounds):
        return found.failed.append("the answers are not written at the same time")
    stage.engine.kill()
    time.sleep(1)
    stage.engine.start()
    time.sleep(2 * LEASE_MS / 1000)  # as above


def _all_are_written(stage: Stage, rounds: Rounds) -> bool:
    """Have all answers written at the same time: a thread has an owner only then."""
    ends = time.monotonic() + patience.seconds(60)
    while (left_s := ends - time.monotonic()) > 0:
        threads = rounds.together(left_s)
        if threads and all(stage.owner(thread_id) is not None for thread_id in threads):
            return True
    return False
