"""A crowd of simulated people in one process with one event loop, and the lead who plays an agenda with them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from demos.crowd.attendee import Attendee, Manner
from demos.crowd.lead import Lead
from demos.crowd.room_client import RoomClient, open_http
from demos.crowd.server_process import ServerProcess
from guide.book import book

JOIN_S = 5.0
"""In which so many people join as in a room that has just been told the code."""
A_CROWD = 60
THERE_S = 30.0
SETTLE_S = 0.3


@dataclass(frozen=True)
class Crowd:
    """Who comes. Shares are rounded down, so a single person is neither naive nor asleep."""

    people: int
    seed: int = 1
    naive_share: float = 0.1
    asleep: float = 0.05
    """Share of people who fall asleep in one round."""
    stuck: float = 0.05

    def manners(self) -> list[Manner]:
        """How each person is, by a choice that depends on the seed only."""
        order = list(range(self.people))
        random.Random(self.seed).shuffle(order)
        ends, groups = 0, []
        for share in (self.naive_share, self.asleep, self.stuck):
            groups.append(set(order[ends : ends + int(self.people * share)]))
            ends += int(self.people * share)
        naive, asleep, stuck = groups
        return [Manner(n in naive, n in asleep, n in stuck) for n in range(self.people)]


@dataclass
class Played:
    """All that a rehearsal has noted."""

    people: list[Attendee]
    lead: Lead | None = None
    memory: dict[str, float] = field(default_factory=dict)
    """Megabytes of the server: before, joined, after. Empty where its process is unknown."""
    stalled: str = ""
    """Why the agenda was not played to its end."""


@dataclass(frozen=True)
class Place:
    """Where the room is. Without a code: one is opened there."""

    api: str
    code: str = ""
    secret: str = ""
    password: str = ""
    agenda: str = "15min"
    rounds: int | None = None
    """Rounds to play; None: all of the agenda."""
    process: ServerProcess = field(default_factory=ServerProcess)


async def rehearse(crowd: Crowd, place: Place) -> Played:
    """Let everybody join, and play the agenda.

    Raises:
        Refused, httpx.HTTPError: the room cannot be opened.
        RoomStalled: nobody could join.
    """
    async with open_http(place.api) as http:
        if place.code:
            room, secret = RoomClient(http, place.api, place.code), place.secret
        else:
            room, told = await RoomClient.open(http, place.api, place.agenda, place.password)
            secret = told["secret"]
        people = attendees(crowd, http, room)
        lead = Lead(room, secret, people, place.process.cpu_s)
        played = Played(people, lead)
        try:
            await _play(played, place, joining_s(crowd))
        finally:
            if not place.code and lead.state.get("phase") != "ended":
                await lead.end()
        return played


def attendees(crowd: Crowd, http: httpx.AsyncClient, room: RoomClient) -> list[Attendee]:
    """The people of a crowd, not yet in the room."""
    choices = choices_of()
    return [
        Attendee(http, room, random.Random(f"{crowd.seed}-{n}"), manner, choices)
        for n, manner in enumerate(crowd.manners())
    ]


def joining_s(crowd: Crowd) -> list[float]:
    """When each person joins, in seconds from the first."""
    chance = random.Random(f"{crowd.seed}-joining")
    return [chance.random() * JOIN_S * crowd.people / A_CROWD for _ in range(crowd.people)]


async def _play(played: Played, place: Place, after_s: list[float]) -> None:
    """Join, play, leave, and weigh the server meanwhile."""
    _weigh(played, place, "before")
    attending = [asyncio.create_task(one.attend(after)) for one, after in zip(played.people, after_s, strict=True)]
    try:
        async with asyncio.timeout(max(after_s) + THERE_S):
            await asyncio.gather(*(person.there.wait() for person in played.people))
        _weigh(played, place, "joined")
        assert played.lead is not None
        await played.lead.play(place.rounds)
        await asyncio.sleep(SETTLE_S)  # the server closes what the room has held
    except TimeoutError:
        played.stalled = f"{sum(person.join_ms is None for person in played.people)} people could not join"
    except RuntimeError as error:
        played.stalled = str(error)
    finally:
        for task in attending:
            task.cancel()
        await asyncio.gather(*attending, return_exceptions=True)
    _weigh(played, place, "after")


def _weigh(played: Played, place: Place, when: str) -> None:
    if (weight := place.process.memory_mb()) is not None:
        played.memory[when] = weight


def choices_of() -> Callable[[str], list[str]]:
    """What can be predicted of a round: the words of the book say it."""
    words = list(book().words)

    def choices(round_id: str) -> list[str]:
        prefix = f"room.round.{round_id}.predict."
        return [word.removeprefix(prefix) for word in words if word.startswith(prefix)]

    return choices
