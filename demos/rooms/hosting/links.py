"""Control streams of one room: which pages are open, and which of them have news."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from demos.rooms.room import EVERYBODY, SCREENS
from demos.rooms.states import Role


class Link:
    """One control stream."""

    def __init__(self, role: Role, number: int | None) -> None:
        self.role, self.number = role, number
        self.is_cut = False
        self.news = asyncio.Event()
        self.news.set()

    def concerns(self, changed: Collection[int | str]) -> bool:
        """Whether this page shows something of what has changed."""
        return EVERYBODY in changed or (self.number in changed if self.role == "attendee" else SCREENS in changed)


class Links(set[Link]):
    """All of a room's."""

    def wake(self, changed: Collection[int | str]) -> None:
        """Tell the pages that show something of it, and no other."""
        for link in self:
            if link.concerns(changed):
                link.news.set()

    def of(self, role: Role, number: int | None) -> int:
        """Number of open pages of one person, of the wall, or of the lead."""
        return sum(link.role == role and link.number == number for link in self)

    def cut(self) -> None:
        """End them all."""
        for link in self:
            link.is_cut = True
            link.news.set()
