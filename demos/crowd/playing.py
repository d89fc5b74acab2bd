"""One person's rounds: opens both streams, says when they are open, posts a receipt, keeps its figures."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from typing import Any

import httpx

from demos.crowd.readings import EventStreamReading, Reading, WebSocketReading
from demos.crowd.room_client import State
from demos.crowd.sayings import Sayings

REACTS_S = 0.05, 0.35
LATEST_S = 2.0
"""In `collecting`, a receipt is posted so long after its begin at the latest."""
OPEN_S = 3.0
"""A stream that is not open after so long does not delay the others."""


@dataclass
class Played:
    """What one person has of one round."""

    round: int
    name: str
    resume: bool
    """Whether both streams resume: the step says so, and this person is not naive."""
    readings: tuple[Reading, Reading]
    away: bool = False
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    posted: bool = False
    figures: dict[str, Any] | None = None
    """What the server has counted, per transport; None until it has told."""

    @property
    def keeps(self) -> bool:
        """Whether it must have everything once: it resumes, or there was nothing to come back from."""
        return self.resume or not any(reading.downs for reading in self.readings)

    @property
    def over(self) -> bool:
        """Whether both have seen the run's end."""
        return all(reading.notes.finished for reading in self.readings)


class Player:
    """Plays the rounds of one person. `naive`: resumes nowhere."""

    def __init__(self, http: httpx.AsyncClient, sayings: Sayings, chance: random.Random, naive: bool) -> None:
        self._http, self._sayings, self._chance, self._naive = http, sayings, chance, naive
        self.rounds: dict[int, Played] = {}

    def reacts_s(self) -> float:
        """How long a device takes to act on what it was told. All at once would be the crowd's doing, no room's."""
        return self._chance.uniform(*REACTS_S)

    async def some(self, number: int) -> None:
        """Wait until some of this round's answer is here."""
        await self.rounds[number].readings[0].some.wait()

    def heed(self, state: State) -> None:
        """Do what this state of `arming`, `running` or `collecting` asks for."""
        number, you = state["round"], state["you"]
        if you["open"] and number not in self.rounds:
            self._begin(state)
        if (played := self.rounds.get(number)) is None:
            return
        if act := you.get("act"):
            choice = self._chance.choice(act["choices"]) if act["choices"] else None
            what = act["kind"] if act["kind"] == "steer" else self._chance.choice(("approve", "decline"))
            self._sayings.once(("act", number), self._sayings.say("act", round=number, act=what, choice=choice))
        if state["phase"] == "collecting":
            self._sayings.once(("latest", number), self._post_at_last(played))

    def look(self, state: State) -> None:
        """Keep the figures that a state of `reveal` shows."""
        if (played := self.rounds.get(state["round"])) and (figures := state["you"].get("figures")):
            played.figures = figures

    def stop(self) -> list[asyncio.Task[None]]:
        """Close every stream; return what is to be waited for."""
        ending = []
        for played in self.rounds.values():
            played.away = played.away or not played.posted
            for reading, task in zip(played.readings, played.tasks, strict=False):
                reading.close()
                task.cancel()
                ending.append(task)
        return ending

    def go_on(self) -> None:
        """Read on, from where each stream was, what was not read to its end."""
        for played in self.rounds.values():
            if not played.posted and not played.over:
                for reading in played.readings:
                    reading.closed = False
                self._read(played)

    def _begin(self, state: State) -> None:
        step, resume = state["step"], bool(state["step"]["resume"]) and not self._naive
        address, key = f"{self._sayings.room.address}/stream/events", self._sayings.key
        slow = bool(state["you"].get("slow"))
        readings = (
            EventStreamReading(self._http, address, key, resume, slow, self._chance),
            WebSocketReading(address, key, resume, slow, self._chance),
        )
        played = self.rounds[state["round"]] = Played(state["round"], step["round"], resume, readings)

        def changed() -> None:
            if played.over:
                self._sayings.once(("over", played.round), self._post(played))

        for reading in readings:
            reading.changed = changed
        self._read(played, self.reacts_s())
        self._sayings.once(("ready", played.round), self._say_ready(played))

    def _read(self, played: Played, after_s: float = 0.0) -> None:
        async def run(reading: Reading) -> None:
            await asyncio.sleep(after_s)
            await reading.run()

        played.tasks = [asyncio.create_task(run(reading)) for reading in played.readings]

    async def _say_ready(self, played: Played) -> None:
        opened = [asyncio.create_task(reading.opened.wait()) for reading in played.readings]
        try:
            await asyncio.wait(opened, timeout=OPEN_S)
        finally:
            for task in opened:
                task.cancel()
        await self._sayings.say("ready", round=played.round)

    async def _post_at_last(self, played: Played) -> None:
        await asyncio.sleep(LATEST_S)
        await self._post(played)

    async def _post(self, played: Played) -> None:
        if played.posted:
            return
        played.posted = True
        receipts = [reading.receipt() for reading in played.readings]
        await self._sayings.say("receipt", round=played.round, away=played.away, receipts=receipts)
