"""A workshop room: one person first, then many, in the same run; each figure also as a ratio to that of one person.

Simulated people join, predict, read both transports, are cut and come back (`python -m demos room`). They share the
cores with the server, so figures are worse than in a room with devices. Last: memory over many rounds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from demos.crowd.crowd import Crowd, Place, rehearse
from demos.crowd.server_process import ServerProcess
from demos.crowd.summary import Summary, summed
from demos.processes.demo_server import served
from tests.bench.scale import Scale

FIGURES: dict[str, Callable[[Summary], float | None]] = {
    "join, p95 ms": lambda one: one.join_p95_ms,
    "click to everybody told, p95 ms": lambda one: one.told_p95_ms,
    "result to everybody shown, p95 ms": lambda one: one.revealed_p95_ms,
    "everybody drop: last one cut, ms": lambda one: one.cut_last_ms,
    "back with a new token, SSE, p95 ms": lambda one: one.back["sse"],
    "back with a new token, WebSocket, p95 ms": lambda one: one.back["websocket"],
    "processor seconds of a second": lambda one: one.cpu_share,
    "tokens lost, of those who resume": lambda one: one.lost,
    "tokens repeated, of those who resume": lambda one: one.repeated,
}


def main(scale: Scale) -> None:
    with served() as child:
        process, api = ServerProcess(child.pid), f"http://127.0.0.1:{child.port}/api"

        def play(people: int) -> Summary:
            place = Place(api, rounds=scale.room_rounds, process=process)
            return summed(asyncio.run(rehearse(Crowd(people), place)))

        found = {people: play(people) for people in scale.room_people}
        print("\n".join(table(found)))
        weights = [found[scale.room_people[0]].memory_mb.get("before"), *(_after(one) for one in found.values())]
        rounds = sum(len(one.rounds) for one in found.values())
        while rounds < scale.room_most_rounds:
            again = play(scale.room_people[1])
            weights.append(_after(again))
            rounds += len(again.rounds)
    shown = ", ".join("-" if mb is None else f"{mb:.1f}" for mb in weights)
    print(f"memory of the server before, and after each room, {rounds} rounds in all, MB: {shown}")
    for people, one in found.items():
        for failure in one.failures:
            print(f"{people} people: {failure}")


def table(found: dict[int, Summary]) -> list[str]:
    """A line a figure: its value with each number of people, and the ratio to that of the first."""
    first, *others = found
    lines = [f"{'people in the room':44}" + "".join(f"{f'with {people}':>20}" for people in found)]
    for name, figure in FIGURES.items():
        alone = figure(found[first])
        cells = [_shown(alone)] + [_shown(figure(found[people]), alone) for people in others]
        lines.append(f"{name:44}" + "".join(f"{cell:>20}" for cell in cells))
    return lines


def _shown(value: float | None, alone: float | None = None) -> str:
    if value is None:
        return "-"
    number = f"{value:.2f}" if value < 2 and value != int(value) else f"{value:,.0f}"
    return f"{number} (x {value / alone:.1f})" if alone else number


def _after(one: Summary) -> float | None:
    return one.memory_mb.get("after")
