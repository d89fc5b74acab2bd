"""Conducts one room: holds its keys and its clock, has its runs started and cut, wakes pages whose state changed."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from demos.protocol.errors import Refusal
from demos.rooms.hosting.keys import Keys
from demos.rooms.hosting.links import Link, Links
from demos.rooms.hosting.round_runs import RoundRuns
from demos.rooms.people import Person, Presence
from demos.rooms.questionnaire import Judge
from demos.rooms.room import EVERYBODY, SCREENS, Effect, Room
from demos.rooms.round import Round
from demos.rooms.rounds import CUT_AT
from demos.rooms.saying import Act, say
from demos.rooms.states import Around, Role, state
from demos.rooms.summary import summary
from demos.server.backend import Backend

logger = logging.getLogger(__name__)
TICK_S = 0.05
"""How often the clock looks: a phase with a bound ends that much later at most."""


class Conductor:
    """One room on this server."""

    def __init__(
        self, room: Room, backend: Backend, judge: Judge | None = None, addresses: Callable[[], list[str]] = list
    ) -> None:
        """`addresses`: returns those by which phones reach this server, without a path; the likeliest first."""
        self.room, self._addresses = room, addresses
        self.keys, self.runs = Keys(room), RoundRuns(backend, f"room {room.code}")
        self._judge = judge
        self._links = Links()
        self._version = 0
        self._there: tuple[bool, list[int]] = False, []
        self._clock: asyncio.Task[None] | None = None
        self.alone_since: float | None = room.opened
        """When the last page of the room was closed."""
        self.ended_at: float | None = None
        self._final: dict[str, Any] | None = None
        """The room's summary, once it has ended."""
        self.is_near = True
        """Whether somebody at this machine opened it."""

    def join(self, key: str | None, person: Callable[[], Person]) -> tuple[str, Person]:
        """(key, person): whoever comes with its key is the same person as before; else somebody new."""
        number = self.keys.number(key) if key else None
        if key is not None and number is not None:
            return key, self.room.people[number]
        made = person()
        self.tell()
        return self.keys.give(made.number), made

    # --- what is said and done ---

    def say(self, number: int, given: Mapping[str, Any]) -> None:
        act = say(self.room, number, given, self.runs.facts, time.monotonic())
        if act is not None:
            self._act(number, act)
        if number not in self.room.people:
            self.keys.forget(number)  # they left by themselves, and may come back as somebody new
        self.tell()

    def _act(self, number: int, act: Act) -> None:
        try:
            if self.room.phase != "running":
                raise self.room.not_now("act")
            self.runs.act(number, act, self._played())
        except Refusal as refusal:  # its words may name the thread, which nobody here learns of
            raise Refusal(409, "not_now", "The agent takes nothing from you now.") from refusal

    def do(self, what: str, given: Mapping[str, Any]) -> None:
        """What the lead does. Raises Refusal: it means nothing now, or is unknown."""
        now, room = time.monotonic(), self.room
        effects: list[Effect] = []
        match what:
            case "next":
                effects = room.next(now)
            case "again":
                effects = room.again(now)
            case "drop":
                effects = room.drop(time.time() * 1000)
            case "skip":
                step = given.get("step")
                effects = room.enter((step if type(step) is int else 0) - 1, now)
            case "pause":
                room.pause(now)
            case "go_on":
                room.go_on(now)
            case "lock" | "unlock":
                room.locked = what == "lock"
                room.changed.add(EVERYBODY)
            case "remove":
                number = given.get("number")
                room.leave(number if type(number) is int else 0)
            case "remove_away":
                for away in set(room.people) - set(room.here(now)):
                    room.leave(away)
            case "end":
                effects = room.end(now)
            case _:
                raise Refusal(400, "invalid_argument", f"{what!r:.40} is nothing that can be done in a room.")
        self.carry_out(effects)
        self.tell()

    def carry_out(self, effects: list[Effect]) -> None:
        for effect in effects:
            try:
                self._carry(effect)
            except Refusal as refusal:  # too many runs or threads here: a state with a sentence, not a wait
                self.room.fail(refusal.message, time.monotonic())
                return

    def _carry(self, effect: Effect) -> None:
        people = len(self.room.here(time.monotonic()))
        match effect:
            case "prepare":
                self.runs.prepare(self._played(), people)
            case "start":
                self.runs.start(self._played(), people)
            case "cut":
                self.runs.cut()
            case "finish":
                self.runs.finish()
            case "close":
                self._final = summary(self.room, time.monotonic(), self._judge)
                self.runs.release()
                self.room.forget()

    def _played(self) -> Round:
        if self.room.round is None:
            raise self.room.not_now("run")
        return self.room.round

    def begin(self) -> None:
        self._clock = asyncio.create_task(self._tick_on(), name=f"room {self.room.code}")

    async def _tick_on(self) -> None:
        while not self.room.is_over:
            await asyncio.sleep(TICK_S)
            try:
                self.tick(time.monotonic())
            except Exception:  # or the room would stand still without a word
                logger.exception("the clock of a room failed, and goes on")

    def tick(self, now: float) -> None:
        """Look at the clock and at the runs."""
        room = self.room
        self.carry_out(room.tick(now))
        if room.phase == "running" and (made := self.runs.made) is not None:
            room.progress(made, now)
            played = room.round
            if played is not None and played.kind.drops and played.cut_ms is None and played.tokens >= CUT_AT:
                self.carry_out(room.drop(time.time() * 1000))
            if self.runs.are_over:
                room.run_over(now, "The agent failed. Begin the round again." if self.runs.have_failed else None)
        # Whoever goes without a word is away after a while, and nothing else happens then.
        if (there := (room.presence.is_here(now), room.here(now))) != self._there:
            room.changed.add(SCREENS if there[0] == self._there[0] else EVERYBODY)
            self._there = there
        self.tell()

    # --- pages ---

    @contextmanager
    def link(self, role: Role, number: int | None) -> Iterator[Link]:
        """Register a page that is told of changes while the block lasts."""
        link, who = Link(role, number), self._who(role, number)
        self._links.add(link)
        self.alone_since = None
        if who is not None:
            who.links += 1
        if isinstance(who, Person):
            who.was_seen = True
        self.room.changed |= {SCREENS, *([EVERYBODY] if role == "lead" else [])}
        self.tell()
        try:
            yield link
        finally:
            self._links.discard(link)
            if who is not None:
                who.links -= 1
                who.seen = time.monotonic()
            self.alone_since = None if self._links else time.monotonic()
            self.room.changed.add(SCREENS)
            self.tell()

    def seen(self, role: Role, number: int | None) -> None:
        """Note a sign of life of a page that polls."""
        self.alone_since = None if self._links else time.monotonic()
        if (who := self._who(role, number)) is not None:
            who.seen = time.monotonic()
        if isinstance(who, Person):
            who.was_seen = True

    def _who(self, role: Role, number: int | None) -> Person | Presence | None:
        if role == "attendee":
            return self.room.people.get(number or 0)
        return self.room.presence if role == "lead" else None

    def hang_up(self) -> None:
        """End every control stream."""
        self._links.cut()

    def tell(self) -> None:
        """Wake the pages whose state has changed, and no other."""
        changed, self.room.changed = self.room.changed, set()
        if not changed:
            return
        self._version += 1
        self._links.wake(changed)

    def links_of(self, role: Role, number: int | None) -> int:
        """Number of open pages of one person, of the wall, or of the lead."""
        return self._links.of(role, number)

    @property
    def addresses(self) -> list[str]:
        """Where phones may find the room; the likeliest first."""
        return [f"{each}/r/{self.room.code}" for each in self._addresses()]

    def state(self, role: Role, number: int | None) -> dict[str, Any]:
        """The whole state for a page of this kind."""
        addresses, played = self.addresses, self.room.round
        is_read = played is not None and self.room.phase == "running"
        connected = self.runs.connected(len(played.opened)) if played is not None and is_read else {}
        around = Around(time.monotonic(), self._version, next(iter(addresses), ""), connected, self._judge)
        found = state(self.room, role, around, number)
        return {**found, "addresses": addresses} if role == "lead" else found

    def summary(self) -> dict[str, Any]:
        """What the report tells: aggregates alone. Of a room that has ended, as it was at its end."""
        return self._final or summary(self.room, time.monotonic(), self._judge)

    def close(self) -> None:
        """End the room for good: runs, streams, and everything that is known of people but their numbers."""
        if not self.room.is_over:
            self.carry_out(self.room.end(time.monotonic()))
        self.tell()
        if self._clock is not None:
            self._clock.cancel()
