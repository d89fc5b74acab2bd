"""The lead of a rehearsal: presses the large button and the cut, and notes how long it takes until all have heard."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx

from demos.clients.readers import milliseconds
from demos.crowd.attendee import Attendee
from demos.crowd.room_client import Refused, RoomClient, State

CUT_AT = 30
"""Tokens of the answer, as the lead sees them, after which everybody is cut."""
TOLD_S, PHASE_S = 15.0, 60.0
"""How long everybody may take to hear of a turn; how long a phase that ends by itself may last."""
BACK_S, END_S = 0.2, 3.0
OURS = ("lobby", "predict", "reveal", "ask", "answers", "talk", "failed")
"""Phases that the lead ends. The others end by themselves."""


class RoomStalled(RuntimeError):
    """The room does not go on."""


@dataclass
class Click:
    """One press of a button, and when each person who was awake had heard of it."""

    what: str
    phase: str
    told_ms: list[float] = field(default_factory=list)
    unheard: int = 0


@dataclass
class Cut:
    """A press of `drop`."""

    round: int
    at: float
    """On the clock of the readings."""


@dataclass
class Phase:
    """How long the server spent in a phase of a round."""

    round: int
    phase: str
    began: float
    ended: float
    cpu_s: float | None = None
    """Processor seconds of the server in it; None where that is unknown."""


class Lead:
    """Plays an agenda to its end with the secret of a room."""

    def __init__(
        self, room: RoomClient, secret: str, people: Sequence[Attendee], cpu_s: Callable[[], float | None]
    ) -> None:
        """`cpu_s`: processor seconds of the server so far."""
        self._room, self._secret, self._people, self._cpu_s = room, secret, people, cpu_s
        self.state: State = {}
        self.clicks: list[Click] = []
        self.cuts: list[Cut] = []
        self.phases: list[Phase] = []
        self.failures: list[str] = []
        self._changed = asyncio.Condition()
        self._entered: tuple[tuple[int | None, str], float, float | None] | None = None

    async def play(self, rounds: int | None = None) -> None:
        """Go through the agenda, at most so many rounds, and end the room.

        Raises:
            RoomStalled: a phase does not end, or the room is refused.
        """
        following = asyncio.create_task(self._follow())
        try:
            await self._until(lambda state: True, "no state came")
            while self.state["phase"] != "ended" and not self._played(rounds):
                await self._step()
            if self.state["phase"] != "ended":
                await self._press("end", heard=False)
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)

    async def end(self) -> None:
        """End the room, whatever it does: nobody else knows it."""
        with suppress(Refused, httpx.HTTPError, TimeoutError):
            async with asyncio.timeout(END_S):
                turn = (await self._room.state(self._secret))["turn"]
                await self._room.do(self._secret, "end", turn)

    async def _step(self) -> None:
        """One phase."""
        state = self.state
        if state["phase"] in OURS:
            if state["phase"] == "failed":
                self.failures.append(str(state["failed"]))
            await self._settled(state)
            last = "next" not in state["can"]
            await self._press("end" if last else "next", heard=not last)
            return
        if state["phase"] == "running":
            await self._cut(state)
        await self._until(lambda now: now["turn"] > state["turn"], f"{state['phase']!r} does not end", PHASE_S)

    async def _settled(self, state: State) -> None:
        """Wait until everybody has heard of this phase, and has answered what it asks."""
        await self._wait_for_all(state["turn"] - 1, [person for person in self._people if person.awake])
        wanted = {"predict": "predicted", "ask": "answered"}.get(state["phase"])
        if wanted is None:
            return
        awake = sum(person.awake for person in self._people)
        try:
            await self._until(lambda now: now["counts"][wanted] >= awake or now["turn"] > state["turn"], "", TOLD_S)
        except RoomStalled:
            self.failures.append(f"{self.state['counts'][wanted]} of {awake} {wanted}")

    async def _cut(self, state: State) -> None:
        """Cut everybody once some of the answer is there, in a round that has a cut."""

        def ready(now: State) -> bool:
            tokens = (now.get("live") or {}).get("tokens", 0)
            return now["turn"] > state["turn"] or (tokens >= CUT_AT and "drop" in now["can"])

        await self._until(ready, "the answer does not go on", PHASE_S)
        if self.state["turn"] == state["turn"]:
            at = milliseconds()
            if await self._do("drop"):
                self.cuts.append(Cut(state["round"], at))

    async def _press(self, what: str, heard: bool = True) -> None:
        turn, began = self.state["turn"], milliseconds()
        click = Click(what, self.state["phase"])
        awake = [person for person in self._people if person.awake]
        if not await self._do(what):
            return
        await self._until(lambda now: now["turn"] > turn or now["phase"] == "ended", f"{what!r} had no effect", TOLD_S)
        if not heard:
            return
        times = await self._wait_for_all(turn, awake)
        click.told_ms = [at - began for at in times if at is not None]
        click.unheard = times.count(None)
        self.clicks.append(click)

    async def _wait_for_all(self, turn: int, awake: list[Attendee]) -> list[float | None]:
        """Wait until everybody has heard of a turn after this one; return when each has. Who fell asleep is out."""
        ends = milliseconds() + TOLD_S * 1000
        times = [heard_after(person, turn) for person in awake]
        while None in times and milliseconds() < ends:
            await asyncio.sleep(BACK_S / 10)
            awake = [person for person in awake if person.awake]
            times = [heard_after(person, turn) for person in awake]
        return times

    async def _do(self, what: str) -> bool:
        """Press; return whether the room took it. What it does not take now is a failure, and we look again soon.

        Two things are none: a turn that has gone by meanwhile, and a cut that the room has made by itself before.
        """
        try:
            await self._room.do(self._secret, what, self.state["turn"])
        except httpx.HTTPError as error:
            raise RoomStalled(f"{what}: {str(error) or type(error).__name__}") from None
        except Refused as error:
            if error.code not in ("stale_turn", "not_now"):
                raise RoomStalled(str(error)) from None
            if error.code == "not_now" and what != "drop":
                self.failures.append(f"{what}: {error}")
            await asyncio.sleep(BACK_S)
            return False
        return True

    def _played(self, rounds: int | None) -> bool:
        return rounds is not None and self.state["phase"] == "reveal" and self.state["round"] >= rounds

    async def _follow(self) -> None:
        while True:
            try:
                async for state in self._room.states(self._secret):
                    await self._take(state)
                    if state["phase"] == "ended":
                        return
            except Refused as error:
                self.failures.append(str(error))
                if error.status < 500:
                    return
            except httpx.HTTPError:
                pass  # lost: opened again
            await asyncio.sleep(BACK_S)

    async def _take(self, state: State) -> None:
        key, now = (state["round"], state["phase"]), milliseconds()
        if self._entered is None or self._entered[0] != key:
            cpu = self._cpu_s()
            if self._entered is not None:
                (number, phase), began, before = self._entered
                spent = None if cpu is None or before is None else cpu - before
                self.phases.append(Phase(number or 0, phase, began, now, spent))
            self._entered = (key, now, cpu)
        async with self._changed:
            self.state = state
            self._changed.notify_all()

    async def _until(self, holds: Callable[[State], Any], why: str, seconds: float = TOLD_S) -> None:
        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(lambda: bool(self.state) and holds(self.state))
        except TimeoutError:
            raise RoomStalled(why) from None


def heard_after(person: Attendee, turn: int) -> float | None:
    """When a person heard of a turn after this one."""
    return next((heard.at for heard in person.heard if heard.turn > turn), None)
