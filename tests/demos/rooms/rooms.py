"""Rooms for tests, without a server: people, rounds and receipts that are made up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from demos.limits import Limits
from demos.rooms.counting import TRANSPORTS, RoomReceipt, RunFacts, count
from demos.rooms.room import Room
from demos.rooms.round import Round
from demos.rooms.rounds import ROUNDS

BEGAN_MS = 1_000_000.0
TOKENS = 120
FIRST = 10
"""Sequence number of the answer's first token."""


def room(agenda: str = "15min", people: int = 0, **limits: int) -> Room:
    """A room with so many people, all connected, at second 0."""
    found = Room("ABC234", agenda, Limits(**limits), opened=0.0)
    for _ in range(people):
        found.join("phone", "Chrome", False, 0.0).links = 1
    found.changed.clear()
    return found


def run_facts(gap_ms: float = 50.0) -> RunFacts:
    """A run of 120 tokens: the event 1 begins it, the tokens come every `gap_ms` from 300 ms on."""
    stamps = {1: BEGAN_MS} | {FIRST + n: BEGAN_MS + 300 + n * gap_ms for n in range(TOKENS)}
    return RunFacts({FIRST + n: 1 for n in range(TOKENS)}, stamps)


def receipt(
    transport: str = "sse",
    facts: RunFacts | None = None,
    offset: float = -999_000.0,
    delays: dict[int, float] | None = None,
    missing: Sequence[int] = (),
    **more: Any,
) -> dict[str, Any]:
    """What a browser posts of that run. `delays`: sequence number -> ms it came later. `missing` never came."""
    facts = facts or run_facts()
    came = sorted(
        (stamp + offset + (delays or {}).get(seq, 0.0), seq)
        for seq, stamp in facts.stamps.items()
        if seq not in missing
    )
    return {
        "transport": transport,
        "client": "EventSource" if transport == "sse" else "WebSocket",
        "at": [at for at, _ in came],
        "seq": [seq for _, seq in came],
        "token": [seq >= FIRST for _, seq in came],
        "finished": True,
    } | more


REST = range(FIRST + 60, FIRST + TOKENS)


def played(name: str, people: int = 6, **of: dict[str, Any]) -> Round:
    """A round in which all people have the same receipts. `of`: transport -> what to change in its receipt."""
    found = Round(1, ROUNDS[name], seed=1)
    for number in range(1, people + 1):
        given = {transport: receipt(transport, **of.get(transport, {})) for transport in TRANSPORTS}
        found.counted[number] = {
            transport: count(RoomReceipt.model_validate(one), run_facts()) for transport, one in given.items()
        }
        found.received.add(number)
    return found


def cut(back_ms: float, resume: bool = True) -> dict[str, Any]:
    """A receipt of somebody who was cut at token 60 and came back after so many ms."""
    facts = run_facts()
    at = facts.stamps[FIRST + 60] - 999_000
    held = {seq: max(0.0, at + back_ms - (stamp - 999_000)) for seq, stamp in facts.stamps.items() if seq >= FIRST + 60}
    return {"delays": held, "downs": [[at, at + back_ms - 10]], "resume": resume}
