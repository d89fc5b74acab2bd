"""python -m demos room: a rehearsal with simulated people, or their stay in somebody else's room, printed."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from demos.crowd.attending import Attending
from demos.crowd.crowd import Crowd, Place, rehearse
from demos.crowd.room_client import Refused
from demos.crowd.server_process import ServerProcess
from demos.crowd.summary import Summary, summed
from demos.processes.demo_server import served

NICE = 10
"""Added to our priority number where the room is somebody else's: the server comes first."""


@dataclass(frozen=True)
class Asked:
    """What was asked for on the command line."""

    people: int
    seed: int = 1
    url: str = ""
    code: str = ""
    secret: str = ""
    pid: int = 0
    rounds: int | None = None
    naive: float = 0.1
    minutes: float = 120
    """How long they stay in a room that somebody else leads."""


def run(asked: Asked, format: str) -> int:
    """Rehearse and print; 0 where nobody who resumes lost anything, else 1."""
    try:
        found = rehearsed(asked)
    except (Refused, httpx.HTTPError) as error:
        print(f"The room does not answer as it should: {str(error) or type(error).__name__}", file=sys.stderr)
        return 1
    print(json.dumps(found.as_json(), indent=2) if format == "json" else as_text(found))
    return 0 if found.good else 1


def attend(asked: Asked, format: str) -> int:
    """Stay in somebody else's room and print; 0 where all came in and nobody who resumes lost anything, else 1."""
    told_on = sys.stderr if format == "json" else sys.stdout

    def told(joined: int) -> None:
        if joined:
            stay = f"until the room ends, at most {asked.minutes:g} minutes. Ctrl-C: they leave before."
            print(f"{joined} of {asked.people} simulated people are in. They stay {stay}", file=told_on, flush=True)

    _behind_the_server()
    attending = Attending(Crowd(asked.people, asked.seed, asked.naive), _api(asked.url), asked.code)
    try:
        asyncio.run(attending.stay(asked.minutes * 60, told))
    except KeyboardInterrupt:
        if attending.played.lead is None:  # nobody had set out
            raise
    found = summed(attending.played)
    print(json.dumps(found.as_json(), indent=2) if format == "json" else stay_as_text(found))
    return 0 if found.kept and found.joined == asked.people and not found.failures else 1


def rehearsed(asked: Asked) -> Summary:
    """Rehearse in a room at `url`, or in one on a server started for it.

    Raises:
        NotStarted: the server did not start.
        Refused, httpx.HTTPError: the room cannot be opened.
    """
    crowd = Crowd(asked.people, asked.seed, asked.naive)
    with ExitStack() as up:
        if asked.url:
            _behind_the_server()
            api, pid = _api(asked.url), asked.pid
        else:
            child = up.enter_context(served())
            api, pid = f"http://127.0.0.1:{child.port}/api", child.pid
        place = Place(api, asked.code, asked.secret, rounds=asked.rounds, process=ServerProcess(pid))
        return summed(asyncio.run(rehearse(crowd, place)))


def _behind_the_server() -> None:
    if hasattr(os, "nice"):
        os.nice(NICE)


def _api(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/').removesuffix('/api')}/api"


def as_text(found: Summary) -> str:
    """The same in sentences and one line a round."""
    sse, socket = found.back["sse"], found.back["websocket"]
    lines = [
        f"{found.joined} of {found.people} simulated people joined, after {_ms(found.join_p95_ms)} (p95).",
        f"Everybody had heard of a click after {_ms(found.told_p95_ms)} (p95).",
        f"Everybody had seen a result {_ms(found.revealed_p95_ms)} after the first (p95).",
        f"The last of all was cut after {_ms(found.cut_last_ms)}.",
        f"Back with a new token (p95): SSE after {_ms(sse)}, WebSocket after {_ms(socket)}.",
        f"Lost: {found.lost} tokens. Repeated: {found.repeated}. Of those who resume.",
        f"Naive clients lost {found.naive.lost} tokens and had {found.naive.repeated} twice.",
    ]
    if found.cpu_share is not None:
        lines.append(f"While it ran, the server took {found.cpu_share:.0%} of a processor core.")
    if found.memory_mb:
        lines.append("Memory of the server: " + ", ".join(f"{when} {mb:g} MB" for when, mb in found.memory_mb.items()))
    return "\n".join([*lines, *_rounds(found), *_mishaps(found)])


def stay_as_text(found: Summary) -> str:
    """What people saw in a room that somebody else led: nobody here knows when a button was pressed."""
    if not found.joined:
        return "\n".join(["Nobody could join.", *_mishaps(found)])
    lines = [
        f"{found.joined} of {found.people} simulated people joined, after {_ms(found.join_p95_ms)} (p95).",
        f"Rounds: {len(found.rounds)}. Lost: {found.lost} tokens. Repeated: {found.repeated}. Of those who resume.",
    ]
    return "\n".join([*lines, *_rounds(found), *_mishaps(found)])


def _rounds(found: Summary) -> Iterator[str]:
    for one in found.rounds:
        cut = ", everybody was cut" if one.cut else ""
        took = "" if one.seconds is None else f" in {one.seconds:g} s"
        yield (
            f"Round {one.round}, {one.name}{cut}: {one.tokens} tokens{took}; "
            f"lost {one.resuming.lost}, repeated {one.resuming.repeated}; "
            f"naive: lost {one.naive.lost}, repeated {one.naive.repeated}."
        )


def _mishaps(found: Summary) -> Iterator[str]:
    yield from (f"{times} times: {what}" for what, times in found.refusals.items())
    yield from found.failures


def _ms(value: float | None) -> str:
    return "(not measured)" if value is None else f"{value:.0f} ms"
