"""Simulated people in a room that somebody else leads: they join, play whatever comes, and leave."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from demos.crowd.attendee import Attendee
from demos.crowd.crowd import THERE_S, Crowd, Played, attendees, joining_s
from demos.crowd.lead import Lead
from demos.crowd.room_client import RoomClient, open_http

LEAVE_S = 3.0
"""What saying goodbye may take."""


class Attending:
    """One stay of a crowd in a room. `played` holds what was noted, however the stay ends."""

    def __init__(self, crowd: Crowd, api: str, code: str) -> None:
        self._crowd, self._api, self._code = crowd, api, code.upper()
        self.played = Played([])

    async def stay(self, seconds: float, told: Callable[[int], None] = lambda joined: None) -> None:
        """Until the room ends, or for so long. `told` is called once, with how many are in, when all have tried."""
        async with open_http(self._api) as http:
            room = RoomClient(http, self._api, self._code)
            people = attendees(self._crowd, http, room)
            # Nobody here presses a button, so the notes of this lead stay empty.
            self.played = Played(people, Lead(room, "", people, lambda: None))
            attending: list[asyncio.Task[None]] = []
            try:
                async with asyncio.timeout(seconds):
                    await self._join(people, attending)
                    told(sum(person.join_ms is not None for person in people))
                    await asyncio.gather(*attending)
            except TimeoutError:
                pass  # they have stayed for as long as they were asked to
            finally:
                await _leave(people, attending)

    async def _join(self, people: list[Attendee], attending: list[asyncio.Task[None]]) -> None:
        """One goes ahead: a server locks out whoever tries a wrong code too often."""
        first, *others = people
        attending.append(asyncio.create_task(first.attend(0)))
        await first.there.wait()
        if first.failed:
            return
        after_s = joining_s(self._crowd)[1:]
        attending += [asyncio.create_task(one.attend(after)) for one, after in zip(others, after_s, strict=True)]
        there = [asyncio.create_task(person.there.wait()) for person in others]
        try:
            if there:
                await asyncio.wait(there, timeout=max(after_s) + THERE_S)
        finally:
            for task in there:
                task.cancel()


async def _leave(people: list[Attendee], attending: list[asyncio.Task[None]]) -> None:
    for task in attending:
        task.cancel()
    await asyncio.gather(*attending, return_exceptions=True)
    goodbyes = [asyncio.create_task(person.leave()) for person in people]
    _, late = await asyncio.wait(goodbyes, timeout=LEAVE_S)
    for task in late:
        task.cancel()
    await asyncio.gather(*goodbyes, return_exceptions=True)
