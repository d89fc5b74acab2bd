"""What the wall shows when a round is revealed. With fewer than five people: what came, and no figures. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from demos.rooms.counting import Counted, Transport
from demos.rooms.findings import spread, strips, timeline, totals
from demos.rooms.outcomes import outcome, sentence
from demos.rooms.people import FEWEST
from demos.rooms.round import Round


def result(played: Round, simulated: int) -> dict[str, Any]:
    """Everything that the wall shows of a round. With fewer than five people: what came, and no figures."""
    return {**played.worked_out("result", lambda: _result(played)), "simulated": simulated}


def _result(played: Round) -> dict[str, Any]:
    room = spread(played)
    few = len(room) < FEWEST
    came, _ = outcome(played)
    found: dict[str, Any] = {
        "people": len(played.opened | set(played.counted)),
        "received": len(played.received),
        "few": few,
        "blocked": sum(_is_blocked(counted) for counted in room.values()),
        "came": came,
        "so": sentence(played),
    }
    if few:
        return found
    return found | {
        "predictions": dict(_predictions(played)),
        "strips": strips(played),
        "timeline": timeline(room, played.cut_ms),
        "lost": totals(room, "lost"),
        "repeated": totals(room, "repeated"),
    }


def _is_blocked(counted: Mapping[Transport, Counted]) -> bool:
    return "websocket" in counted and counted["websocket"].blocked


def _predictions(played: Round) -> Mapping[str, int]:
    counts = Counter(played.predictions.values())
    return {choice: counts[choice] for choice in played.kind.choices}
