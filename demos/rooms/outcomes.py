"""Which of a round's choices came true, by the figures of everybody who was there. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from demos.rooms.counting import TRANSPORTS, median
from demos.rooms.findings import Room, medians, spread
from demos.rooms.people import FEWEST
from demos.rooms.round import Round
from demos.rooms.rounds import TOKENS

SAME_MS, SAME_BACK_MS = 20.0, 150.0
"""Differences below these are none: of first tokens; of coming back."""
LATE_MS = 150.0


def sentence(played: Round) -> dict[str, Any]:
    """The sentence that says what a round has shown, as a word's key and its figures. Of a few people: none."""
    came, values = outcome(played)
    if len(spread(played)) < FEWEST:
        return {"key": "room.so.few", "values": {}}
    return {"key": f"room.so.{played.kind.id}.{came or 'unknown'}", "values": values}


def outcome(played: Round) -> tuple[str | None, dict[str, Any]]:
    """(which of the round's choices came true, figures for the sentence as texts). None: nobody's receipt can tell.

    `lost`, which nobody could choose: clients that resume have lost something.
    """
    return played.worked_out("outcome", lambda: _outcome(played))


def _outcome(played: Round) -> tuple[str | None, dict[str, Any]]:
    room, of = spread(played), medians(played)
    values = {f"{transport}_{name}": value for transport in TRANSPORTS for name, value in of[transport].items()}
    values["people"] = len(room)
    values["cut"] = sum(any(one.cuts for one in counted.values()) for counted in room.values())
    values["heard_ms"] = median(list(played.heard_ms.values()))
    values["apart_ms"] = _apart(room)
    values["lost_people"] = sum(any(one.lost or one.repeated for one in counted.values()) for counted in room.values())
    values["lost_total"] = sum(one.lost for counted in room.values() for one in counted.values())
    came = CAME[played.kind.id](values, played) if room else None
    return came, {name: shown(value) for name, value in values.items()}


def shown(value: float | None) -> str:
    """A figure as a sentence has it: small ones with a decimal, others whole, without a sign. Everywhere the same."""
    if value is None:
        return "–"
    size = abs(value)
    return f"{size:.1f}" if size < 10 and size != int(size) else f"{round(size):,}"


def _apart(room: Room) -> float | None:
    """Median over people: by how much the first token came later over SSE than over WebSocket, on one clock."""
    found = []
    for counted in room.values():
        sse, socket = (counted[name].first_token_at if name in counted else None for name in TRANSPORTS)
        if sse is not None and socket is not None:
            found.append(sse - socket)
    return median(found)


Values = Mapping[str, Any]


def _sooner(apart: float | None, same: float) -> str | None:
    if apart is None:
        return None
    return "same" if abs(apart) <= same else "websocket" if apart > 0 else "sse"


def _back_first(values: Values, played: Round) -> str | None:
    """Which is back first. Whoever resumes and lost something all the same has shown more than that."""
    if values["lost_people"]:
        return "lost"
    return _sooner(_less(values["sse_back_ms"], values["websocket_back_ms"]), SAME_BACK_MS)


def _less(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a - b


def _lost(values: Values, played: Round) -> str | None:
    lost = values["websocket_lost"]
    return None if lost is None else "none" if lost == 0 else "few" if lost <= 10 else "rest"


def _seen(values: Values, played: Round) -> str | None:
    """How much of the answer those saw who came late."""
    room = spread(played)
    late = [one for number, one in room.items() if played.kind.opens == "after" or played.joins_late(number)]
    tokens = median([counted.tokens for of in late for counted in of.values() if not counted.blocked])
    return None if tokens is None else "nothing" if tokens == 0 else "all" if tokens >= TOKENS else "rest"


def _cuts(values: Values, played: Round) -> str | None:
    share = values["cut"] / values["people"]
    return "never" if share == 0 else "most" if share > 0.5 else "some"


def _held_up(values: Values, played: Round) -> str | None:
    room, late = spread(played), played.lateness()
    quick = median([of for number in room if not played.is_slow(number) for of in late.get(number, {}).values()])
    return None if quick is None else "themselves" if quick < LATE_MS else "everybody"


def _still(values: Values, played: Round) -> str | None:
    gap = max((values[f"{name}_longest_gap_ms"] or 0 for name in TRANSPORTS), default=0)
    return "short" if gap < 400 else "seconds" if gap < 3_000 else "long"


def _bytes(values: Values, played: Round) -> str | None:
    tokens, size = values["sse_tokens"], values["sse_bytes"]
    if not tokens or size is None:
        return None
    return "few" if size / tokens < 50 else "some" if size / tokens < 200 else "many"


def _heard(values: Values, played: Round) -> str | None:
    heard = values["heard_ms"]
    return None if heard is None else "next" if heard < 1_000 else "sentence" if heard < 5_000 else "never"


def _went_on(values: Values, played: Round) -> str | None:
    tokens = values["sse_tokens"]
    return None if tokens is None else "none" if tokens == 0 else "once" if tokens <= TOKENS else "each"


CAME: Mapping[str, Callable[[Values, Round], str | None]] = {
    "plain": lambda values, _: _sooner(values["apart_ms"], SAME_MS),
    "drop": _lost,
    "resume": _back_first,
    "silence": _cuts,
    "slow": _held_up,
    "finished": _seen,
    "viewer": _seen,
    "large": _still,
    "payload": _bytes,
    "steer": _heard,
    "approve": _went_on,
}
"""Round -> which of its choices the figures bear out."""
