"""All rooms of this process: opens them, finds them by code, bounds guessing, and ends those that nobody uses."""

from __future__ import annotations

import asyncio
import functools
import os
import secrets
import time
from collections.abc import Callable
from contextlib import suppress

from demos.lab.state import Lab, shared_lab
from demos.limits import PREFIX
from demos.protocol.errors import Refusal
from demos.rooms.hosting.conductor import Conductor
from demos.rooms.hosting.rates import Rate
from demos.rooms.questionnaire import Judge, judged_with, known
from demos.rooms.room import Room
from demos.rooms.rounds import agenda_named

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No two of them look alike, also when read aloud: 0 O, 1 I L and U are left out."""
CODE_LENGTH = 6
JOINS_A_SECOND = 5
SWEEP_S = 5.0
PASSWORD = "STREAMWISE_ROOM_PASSWORD"


class Rooms:
    """Rooms by code. `judge` and `render` are the guide's, where there is a guide beside this server."""

    def __init__(self, lab: Lab, clock: Callable[[], float] = time.monotonic, password: str = "") -> None:
        """`password`: what opens a room from another machine; empty: only a browser on this machine may."""
        self.backend = backend = lab.backend
        limits = backend.limits
        self.judge: Judge | None = None
        self.render: Callable[[dict[str, object], str], tuple[bytes, str]] | None = None
        """(summary of a room, format) -> (file, MIME type)."""
        self.addresses: Callable[[], list[str]] = list
        """Returns the addresses by which phones reach this server, without a slash at the end; the likeliest first."""
        self.password = password
        self.loop: asyncio.AbstractEventLoop | None = None
        """Where everything of a room happens; None before the server runs."""
        self.shown = ""
        """Code of the room that the app's own page shows."""
        self._clock = clock
        self._rooms: dict[str, Conductor] = {}
        self._wrong = Rate(limits.room_wrong_codes, limits.room_wrong_codes / 60, clock)
        self._joins = Rate(limits.room_joins, JOINS_A_SECOND, clock)
        self._said = Rate(limits.room_posts, limits.room_posts, clock)
        self._sweeper: asyncio.Task[None] | None = None
        lab.ends.append(self.close)
        backend.when_shut.append(self.hang_up)
        backend.gauges["rooms"] = "Workshop rooms that are open.", self.__len__

    def __len__(self) -> int:
        """Number of rooms that are open."""
        return sum(not each.room.is_over for each in self._rooms.values())

    def open(self, agenda: str = "45min", near: bool = True, answers: object = None) -> Conductor:
        """Open a room.

        Args:
            near: whether somebody at this machine does; guests then get nothing but the room.
            answers: the presenter's: what is known of the system that the room is asked about.

        Raises:
            Refusal: the agenda or an answer is unknown; or there are enough rooms.
        """
        agenda, limits, before = agenda_named(agenda), self.backend.limits, known(answers or {})
        ended = [code for code, each in self._rooms.items() if each.room.is_over]
        for code in ended[: max(0, len(ended) - limits.rooms)]:
            del self._rooms[code]
        if len(self) >= limits.rooms:
            most = f"{limits.rooms} rooms are open, the limit here ({PREFIX}ROOMS)"
            raise Refusal(503, "too_many_rooms", f"{most}. End one of them.", retry_s=60)
        code, judge = self._new_code(), self.judge and judged_with(self.judge, before)
        found = Conductor(Room(code, agenda, limits, self._clock()), self.backend, judge, lambda: self.addresses())
        found.is_near = near
        self._rooms[code] = found
        found.begin()
        if self._sweeper is None or self._sweeper.done():
            self._sweeper = asyncio.create_task(self._sweep_on(), name="rooms")
        return found

    def find(self, code: str, address: str) -> Conductor:
        """The room of a code, in capitals or not.

        Raises:
            Refusal: there is none (404); or this address has named too many that are none (429).
        """
        found = self._rooms.get(code.upper())
        if found is not None:
            return found
        if not self._wrong.take(address):
            why = f"Too many wrong codes came from your address ({PREFIX}ROOM_WRONG_CODES a minute). Wait a minute."
            raise Refusal(429, "too_many_wrong_codes", why, retry_s=60)
        raise Refusal(
            404, "no_such_room", "There is no room with this code. Look at the wall again; a room ends with its server."
        )

    def admit_join(self, address: str) -> None:
        """Raises Refusal: too many people came from this address at once."""
        if not self._joins.take(address):
            why = f"Too many people join from this address at once ({PREFIX}ROOM_JOINS). Try again in a moment."
            raise Refusal(429, "too_many_joins", why, retry_s=1)

    def admit_said(self, key: str) -> None:
        """Raises Refusal: this person says too much at once."""
        if not self._said.take(key):
            raise Refusal(429, "too_many_posts", f"Too much at once ({PREFIX}ROOM_POSTS a second). Wait.", retry_s=1)

    @property
    def confines_guests(self) -> bool:
        """Whether whoever is not at this machine gets the rooms alone."""
        return any(each.is_near and not each.room.is_over for each in self._rooms.values())

    def all(self) -> list[Conductor]:
        return list(self._rooms.values())

    def sweep(self) -> None:
        """End rooms that have been open too long, or that nobody uses; forget those that have ended."""
        now, limits = self._clock(), self.backend.limits
        for code, each in list(self._rooms.items()):
            unused = each.alone_since is not None and now - each.alone_since > limits.room_idle_seconds
            if unused or now - each.room.opened > limits.room_seconds:
                each.close()
            if each.room.is_over and (each.ended_at is None or now - each.ended_at > limits.room_idle_seconds):
                if each.ended_at is None:
                    each.ended_at = now  # its report can still be had for a while
                else:
                    del self._rooms[code]

    def hang_up(self) -> None:
        """End every control stream: the process is going down, and pages come back by themselves."""
        for each in self._rooms.values():
            each.hang_up()

    async def close(self) -> None:
        """End everything; for the end of the process."""
        for each in self._rooms.values():
            each.close()
        if self._sweeper is not None:
            self._sweeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._sweeper

    async def _sweep_on(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            self.sweep()

    def _new_code(self) -> str:
        while (code := "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))) in self._rooms:
            pass
        return code


@functools.cache
def shared_rooms() -> Rooms:
    """The rooms of this process, on the shared backend."""
    return Rooms(shared_lab(), password=os.environ.get(PASSWORD, ""))
