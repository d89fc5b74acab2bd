"""Keys of one room: the lead's secret, the wall's view key, a key for each person, of which only a hash is kept."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from demos.protocol.errors import Refusal
from demos.rooms.room import Room
from demos.rooms.states import Role


class Keys:
    """Who is who in one room."""

    def __init__(self, room: Room) -> None:
        self.secret = secrets.token_urlsafe(24)
        self.view = secrets.token_urlsafe(12)
        self._room = room
        self._numbers: dict[str, int] = {}

    def role(self, key: str | None) -> tuple[Role, int | None]:
        """Whose key this is, with the number of a person. Raises Refusal: nobody's here."""
        if key is not None:
            if _same(key, self.secret):
                return "lead", None
            if _same(key, self.view):
                return "wall", None
            if (number := self.number(key)) is not None:
                return "attendee", number
        raise Refusal(403, "not_your_room", "This needs a key of the room: an attendee's, the wall's or the lead's.")

    def number(self, key: str) -> int | None:
        """The person with this key; None where the key is nobody's. Raises Refusal: the person has left."""
        number = self._numbers.get(_hashed(key))
        if number is not None and number not in self._room.people:
            raise Refusal(403, "removed", "You have left this room, or were removed from it.")
        return number

    def forget(self, number: int) -> None:
        """Forget the keys of a person."""
        self._numbers = {key: other for key, other in self._numbers.items() if other != number}

    def give(self, number: int) -> str:
        """A new key for a person."""
        key = secrets.token_urlsafe(12)
        self._numbers[_hashed(key)] = number
        return key


def _hashed(key: str) -> str:
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()


def _same(key: str, other: str) -> bool:
    return hmac.compare_digest(_hashed(key), _hashed(other))
