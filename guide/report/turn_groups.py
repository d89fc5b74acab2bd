"""Groups turning points that say nearly the same: one heading, then what differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from guide.report.report import ReportTurn


@dataclass(frozen=True)
class TurnGroup:
    """Turns to one recommendation that share all answers but one."""

    becomes_name: str
    common: str
    """The answer that all of them change; empty where each changes one answer only."""
    turns: tuple[tuple[str, ReportTurn], ...]
    """The answer in which they differ, and the turn."""


def turn_groups(turns: Iterable[ReportTurn]) -> tuple[TurnGroup, ...]:
    """Every turn once: single answers by what they lead to, pairs by the answer they share, the commonest first."""
    alone: dict[str, list[tuple[str, ReportTurn]]] = {}
    pairs: dict[str, list[ReportTurn]] = {}
    for turn in turns:
        if len(turn.parts) == 1:
            alone.setdefault(turn.becomes_name, []).append((turn.when, turn))
        else:
            pairs.setdefault(turn.becomes_name, []).append(turn)
    groups = [TurnGroup(name, "", tuple(found)) for name, found in alone.items()]
    for name, left in pairs.items():
        groups += _shared(name, left)
    return tuple(groups)


def _shared(name: str, left: list[ReportTurn]) -> list[TurnGroup]:
    """Takes the answer that most of the pairs share, then that of the rest, and so on."""
    groups = []
    while left:
        counted = Counter(part for turn in left for part in turn.parts)
        common = max(counted, key=lambda part: counted[part])  # of equals, the first: dicts keep their order
        taken = [turn for turn in left if common in turn.parts]
        left = [turn for turn in left if common not in turn.parts]
        differs = [(" ".join(part for part in turn.parts if part != common), turn) for turn in taken]
        groups.append(TurnGroup(name, common, tuple(differs)))
    return groups
