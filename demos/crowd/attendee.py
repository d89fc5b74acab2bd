"""One simulated person: joins, predicts, plays rounds, answers, gets stuck, falls asleep and comes back."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from demos.clients.readers import milliseconds
from demos.crowd.playing import Player
from demos.crowd.room_client import Refused, RoomClient, State
from demos.crowd.sayings import ERRORS, Sayings

BACK_S = 0.5
"""Before the control stream is opened again."""
CANNOT = ("room_full", "room_locked", "removed", "no_such_room", "too_many_wrong_codes")
"""Whoever is refused so need not try again."""
REASONS = ("page", "network", "lost", "other")


@dataclass(frozen=True)
class Manner:
    """How a person is. `naive`: resumes nowhere. `asleep`: away for a while in one round. `stuck`: says so once."""

    naive: bool = False
    asleep: bool = False
    stuck: bool = False


@dataclass(frozen=True)
class Heard:
    """When a person has heard of a turn, on the clock of the readings."""

    turn: int
    at: float
    phase: str


class Attendee:
    """One person of a crowd."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        room: RoomClient,
        chance: random.Random,
        manner: Manner,
        choices: Callable[[str], list[str]],
    ) -> None:
        """`choices`: what can be predicted of a round, by its id."""
        self.manner, self._chance, self._choices = manner, chance, choices
        self._room, self._sayings = room, Sayings(room)
        self.player = Player(http, self._sayings, chance, manner.naive)
        self.number = 0
        self.join_ms: float | None = None
        """From asking to be let in to the first state."""
        self.failed = ""
        """Why this person is not in the room, or that they came back as somebody else."""
        self.state: State = {}
        self.heard: list[Heard] = []
        self.there = asyncio.Event()
        """Set when the first state is here, or joining has failed."""
        self.asleep = False
        self._began = 0.0
        self._listening: asyncio.Task[None] | None = None

    @property
    def awake(self) -> bool:
        """Whether this person hears what the room says."""
        return bool(self.state) and not self.failed and not self.asleep

    @property
    def refusals(self) -> list[str]:
        """What the room did not take."""
        return self._sayings.refusals

    async def attend(self, after_s: float) -> None:
        """Join after a while, and stay until the room ends."""
        await asyncio.sleep(after_s)
        try:
            await self._join()
            while not self.failed and not self.ended:
                self._listening = asyncio.create_task(self._follow())
                await asyncio.wait([self._listening])
                if self.asleep:
                    await self._wake()
                elif not self.ended and not self.failed:
                    await asyncio.sleep(BACK_S)
        finally:
            self.there.set()
            if self._listening:
                self._listening.cancel()
            ending = self.player.stop()
            await asyncio.gather(*ending, return_exceptions=True)
            await self._sayings.stop()

    async def leave(self) -> None:
        """Have a room that goes on without us forget us. What is still said in the background is over by then."""
        if self._sayings.key and not self.ended and not self.failed:
            await self._sayings.say("leave")

    @property
    def ended(self) -> bool:
        """Whether the room has said that it is over."""
        return self.state.get("phase") == "ended"

    async def _join(self) -> None:
        self._began = milliseconds()
        kind = self._chance.choice(("phone", "laptop"))
        try:
            self._sayings.key, self.number = await self._room.join(kind=kind)
        except ERRORS as error:
            self.failed = str(error) or type(error).__name__

    async def _follow(self) -> None:
        try:
            async for state in self._room.states(self._sayings.key):
                self._hear(state)
                if self.ended:
                    return
        except Refused as error:
            if error.code in CANNOT or error.status in (401, 403, 404):
                self.failed = str(error)
        except httpx.HTTPError:
            pass  # lost: opened again

    def _hear(self, state: State) -> None:
        now = milliseconds()
        if self.join_ms is None:
            self.join_ms = now - self._began
            self.there.set()
            self._sayings.once("checks", self._check())
        if not self.heard or state["turn"] > self.heard[-1].turn:
            self.heard.append(Heard(state["turn"], now, state["phase"]))
        self.state = state
        self._heed(state)

    async def _check(self) -> None:
        """Measure a round trip, as a page does after joining."""
        trips = []
        for _ in range(3):
            began = milliseconds()
            try:
                await self._room.state(self._sayings.key)
            except ERRORS:
                return
            trips.append(milliseconds() - began)
        await self._sayings.say(
            "checks", websocket=True, streaming=True, round_trip_ms=sorted(trips)[1], worst_ms=max(trips)
        )

    def _heed(self, state: State) -> None:
        """Do what this state asks for; each thing once."""
        say, once = self._sayings.say, self._sayings.once
        match state["phase"]:
            case "predict" if not state["you"]["predicted"]:
                if choices := self._choices(state["step"]["round"]):
                    choice, number = self._chance.choice(choices), state["round"]
                    thinks_s = 2 * self.player.reacts_s()
                    once(("predict", number), say("predict", thinks_s, round=number, choice=choice))
            case "ask":
                once(("ask", state["turn"]), self._answer())
            case "arming" | "running" | "collecting":
                self.player.heed(state)
                if self.manner.asleep and self.player.rounds:
                    once("sleep", self._doze(state["round"]))
            case "reveal":
                self.player.look(state)
                if self.manner.stuck:
                    once("stuck", say("stuck", on=True, reason=self._chance.choice(REASONS)))

    async def _answer(self) -> None:
        try:
            questions = await self._room.questions(self._sayings.key)
        except ERRORS as error:
            self.refusals.append(f"questions: {error}")
            return
        for question in questions:
            if answers := [one["id"] for one in question["answers"]]:
                await self._sayings.say("answer", question=question["id"], answers=[self._chance.choice(answers)])
                await asyncio.sleep(0.1 + 0.2 * self._chance.random())  # fewer than ten a second are taken

    async def _doze(self, number: int) -> None:
        """Once some of the answer is here, close everything: streams and control stream."""
        await self.player.some(number)
        self.asleep = True
        self.player.stop()
        if self._listening:
            self._listening.cancel()

    async def _wake(self) -> None:
        """Come back as the same person."""
        await asyncio.sleep(0.5 + self._chance.random())
        self.asleep = False
        try:
            key, number = await self._room.join(self._sayings.key)
        except ERRORS as error:
            self.failed = f"not let in again: {error}"
            return
        if (key, number) != (self._sayings.key, self.number):
            self.failed = f"came back as number {number}, not {self.number}"
        self.player.go_on()
