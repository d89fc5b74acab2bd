"""Entries of a shared log, as the engine stores them: events, and between them notes that no client is told.

An entry's id is NUMBER-PLACE. The number is that of the event, or of the event before the note. The place grows with
every note and every change of owner, so that ids only grow.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from demos.protocol import sse
from demos.protocol.events import Draft, Event, Note, encode

PLACES = 1_000_000
"""Notes that one owner may write behind one event."""

Place = tuple[int, int]
"""Of an entry: its number, and its place behind it."""
START: Place = (0, 0)


@dataclass(frozen=True)
class Entry:
    """An event, or a note."""

    place: Place
    event: Event | None
    note: Note | None

    @property
    def size(self) -> int:
        return self.event.size if self.event is not None else 100

    def fields(self) -> tuple[str | int, ...]:
        """Arguments of the script that stores it: number, place, text, pieces, note."""
        text, pieces = ("", 0) if self.event is None else (self.event.text, self.event.draft.pieces)
        return (*self.place, text, pieces, "" if self.note is None else encode(self.note))

    @classmethod
    def read(cls, id: bytes, fields: Mapping[bytes, bytes]) -> Self:
        """What the engine hands over."""
        number, _, place = id.partition(b"-")
        note = json.loads(fields[b"n"]) if fields[b"n"] else None
        event = _event(int(number), fields[b"t"].decode(), int(fields[b"p"]), note) if fields[b"t"] else None
        return cls((int(number), int(place)), event, note)


def named(place: Place) -> str:
    """The id of an entry in the engine."""
    return f"{place[0]}-{place[1]}"


def _event(seq: int, text: str, pieces: int, note: Note | None) -> Event:
    wire = json.loads(text)
    params = wire["params"]
    draft = Draft(wire["method"], params["data"], tuple(params["namespace"]), params.get("node"), pieces, note)
    frame = sse.encode(text, event=wire["method"], id=wire["event_id"])
    return Event(seq, draft, text, frame, len(text.encode()))


def written_ms(event: Event) -> int:
    """When it was written, in milliseconds since 1970, by the writer's clock."""
    at: int = json.loads(event.text)["params"]["timestamp"]
    return at
