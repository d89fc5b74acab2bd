"""A soak: a real server, many streams on both transports, all that can happen to them, and an account at the end.

    make soak ARGS="--seconds 600 --streams 200"
It exits with 1 if an event was lost or came twice, if a run ended otherwise than it had to, or if the server kept
anything: a stream, a task, a thread, a checkpoint, a file, or memory. Linux, since memory is read from /proc.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import random
import sys
import time
from collections import Counter

import httpx

from demos.processes.demo_server import Child, served
from tests.soak.life import Life
from tests.soak.viewers import EventStream, Site, WebSocket
from tests.soak.watch import JUDGED_FROM_S, MOST_GROWTH, Watch, at_rest, growth, held, settled, thirds

IDLE_S = 10, 15
"""How long idle threads are kept in a soak of less than a minute, and in a longer one: longer than a busy machine makes
a viewer wait between two runs, and no longer, since at the end the last thread must be forgotten."""
STARTS_PER_S = 8
"""Runs that begin each second, about: to begin one costs the server more than all its tokens."""
SHOWN = 20
NEWS = ("ERROR", "Task ", "Exception in", "the sweep", "Unclosed", "Future ")
"""How the server's lines begin that nobody should see: uvicorn's, asyncio's and our own."""
COMMAND = ("-m", "tests.soak.watched")


def environment(streams: int, seconds: float) -> dict[str, str]:
    """Limits that leave room, and threads that are forgotten soon."""
    most = {"THREADS": 20 * streams, "RUNS": 2 * streams, "STREAMS": 4 * streams, "CLIENT_STREAMS": 4 * streams}
    # All of them come from one address.
    most |= {f"CLIENT_{name}": n for name, n in most.items() if name in ("RUNS", "THREADS", "STREAMS")}
    return {f"STREAMWISE_MAX_{name}": str(n) for name, n in {**most, "IDLE_SECONDS": IDLE_S[seconds >= 60]}.items()}


async def soak(child: Child, seconds: float, streams: int, seed: int) -> list[str]:
    """Run it; what is wrong, in words."""
    counters: Counter[str] = Counter()
    before, watch = await held(child.port), Watch(child.pid)
    # None is used twice: uvicorn closes one that was idle for 5 s, and a command sent just then would be lost.
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    api = f"http://127.0.0.1:{child.port}/api"
    async with httpx.AsyncClient(base_url=api, timeout=30, trust_env=False, limits=limits) as http:
        site = Site(child.port, http, counters)
        lasts = max(2.0, streams / STARTS_PER_S)
        lives = [
            Life(site, random.Random(f"{seed}-{n}"), (EventStream, WebSocket)[n % 2], lasts) for n in range(streams)
        ]
        began, used = time.monotonic(), time.process_time()
        until = asyncio.get_running_loop().time() + seconds
        sampling = asyncio.create_task(watch.sample())
        await asyncio.gather(*(_begin(life, n * lasts / streams, until) for n, life in enumerate(lives)))
        sampling.cancel()
        own = (time.process_time() - used) / (time.monotonic() - began)
    now, wrong = await at_rest(child.port, before)
    faults = [fault for life in lives for fault in life.faults] + [f"at rest: {each}" for each in wrong]
    steady = settled(watch.samples)
    grown = growth(watch.samples)
    if seconds >= JUDGED_FROM_S and grown > MOST_GROWTH * steady[0][1]:
        faults.append(f"memory grew by {grown:.1f} MB in {steady[-1][0] - steady[0][0]:.0f} s")
    _tell(counters, watch, grown, now, faults)
    print(f"viewers: {100 * own:.0f} % of a core; {os.cpu_count()} cores, load {os.getloadavg()[1]:.1f}")
    return faults


async def _begin(life: Life, after: float, until: float) -> None:
    """Not all at once: a start of everybody is another test."""
    await asyncio.sleep(after)
    while asyncio.get_running_loop().time() < until:
        try:
            await life.live(until)
        except httpx.TransportError as error:  # of a command or a question, not of a stream
            life.faults.append(repr(error))


def _tell(counters: Counter[str], watch: Watch, grown: float, now: dict[str, object], faults: list[str]) -> None:
    counters["cuts"] = sum(n for name, n in counters.items() if name.startswith("cut: "))
    names = "threads runs viewers events tokens cuts resumes stops approvals".split()  # noqa: SIM905
    print(", ".join(f"{counters[name]:,} {name}" for name in names))
    print(
        ", ".join(
            f"{n:,} {name.removeprefix('cut: ')}" for name, n in sorted(counters.items()) if name.startswith("cut: ")
        )
    )
    print(f"{counters['left alone']:,} runs stopped since nobody read them")
    sizes = " / ".join(f"{size:.1f}" for size in thirds(watch.samples))
    print(f"server: {sizes} MB in each third, {grown:+.1f} MB after the first; {100 * watch.cpu:.0f} % of a core")
    print(f"at rest: {now}")
    print(f"{counters['lost']:,} lost, {counters['repeated']:,} repeated, {len(faults):,} faults")
    for fault in faults[:SHOWN]:
        print(f"  {fault}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="make soak ARGS=...", description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=600, help="how long runs are begun")
    parser.add_argument("--streams", type=int, default=200, help="half of them event streams, half WebSockets")
    parser.add_argument("--seed", type=int, default=None, help="of all chance; drawn and printed unless given")
    given = parser.parse_args()
    if not sys.platform.startswith("linux"):
        sys.exit("The soak reads the server's memory from /proc, which this system does not have.")
    seed = random.SystemRandom().getrandbits(32) if given.seed is None else given.seed
    logging.getLogger("websockets").setLevel(logging.CRITICAL)
    print(f"seed {seed}, {given.streams} streams for {given.seconds:g} s", flush=True)
    with served(environment(given.streams, given.seconds), command=COMMAND) as child:
        faults = asyncio.run(soak(child, given.seconds, given.streams, seed))
        # A run that fails on purpose is logged with its traceback; anything else is news.
        news = [line for line in child.said().splitlines() if line.startswith(NEWS)]
    for line in news[:SHOWN]:
        print(f"the server said: {line}")
    sys.exit(1 if faults or news else 0)


if __name__ == "__main__":
    main()
