"""Our server against LangGraph's development server, and against the floors: bare Starlette, and no server at all.

The same graph, model and knobs everywhere, one client process. In a round all take their turn, in the opposite order
every other round; the first round is a warm-up and discarded. Ratios are taken round by round. The crowd of readers and
the idle streams come afterwards, when LangGraph's server is down: it has no part in them.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from importlib import metadata
from pathlib import Path
from typing import Any

from demos.agent.facts import from_book
from demos.agent.graph import Agent
from tests.bench import crowds, servers
from tests.bench.figures import BARE, INSIDE, OURS, PEER, Goal, Row, percentile, table
from tests.bench.readers import record
from tests.bench.runs import Transport, in_process, through_sdk
from tests.bench.scale import Scale
from tests.bench.servers import Server
from tests.bench.turns import Bench, Turn

STEADY: dict[str, Any] = {"rate": 50, "first_token_ms": 0, "jitter": 0, "stamp": True}
FLAT_OUT: dict[str, Any] = {"rate": 0, "first_token_ms": 0, "stamp": True}
TRANSPORTS: dict[Transport, str] = {"sse": "SSE", "websocket": "WebSocket"}
OUT = servers.ROOT / "build/streams.json"


def steady(bench: Bench, urls: dict[str, str], agent: Agent) -> tuple[dict[str, Turn], list[Row]]:
    """50 tokens a second: the first token, and what is added to each."""
    turns: dict[str, Turn] = {}
    rows: list[tuple[Row, Row, Row]] = []
    knobs = STEADY | {"n_tokens": bench.scale.steady_tokens}
    for transport, shown in TRANSPORTS.items():
        first = bench.row("run.start to first token", shown, "ms", "less", PEER, Goal(ratio=20))
        p50 = bench.row("added at 50 tokens/s, p50", shown, "ms", "less", PEER, Goal(at_most=2, ratio=6))
        p99 = bench.row("added at 50 tokens/s, p99", shown, "ms", "less", PEER)
        rows.append((first, p50, p99))
        for who, url in urls.items():

            async def turn(
                who: str = who, url: str = url, transport: Transport = transport, at: int = len(rows) - 1
            ) -> None:
                timing = await through_sdk(url, transport, knobs)
                note(who, rows[at], timing)

            turns[f"{who} {shown}"] = turn

    async def inside() -> None:
        timing = await in_process(agent, "steady", knobs)
        for row in rows:
            note(INSIDE, row, timing)

    def note(who: str, row: tuple[Row, Row, Row], timing: Any) -> None:
        row[0].note(who, timing.first_token_ms)
        row[1].note(who, percentile(timing.added_ms, 50))
        row[2].note(who, percentile(timing.added_ms, 99))

    return {**turns, "in process": inside}, [row for three in rows for row in three]


def flat_out(bench: Bench, up: dict[str, Server], unjoined: Server, agent: Agent) -> tuple[dict[str, Turn], list[Row]]:
    """Thousands of tokens as fast as the model can: against LangGraph's server, and as a share of the graph alone."""
    turns: dict[str, Turn] = {}
    knobs = FLAT_OUT | {"n_tokens": bench.scale.flat_out_tokens}
    rows: list[tuple[Row, Row]] = []
    for transport, shown in TRANSPORTS.items():
        peer, share, alone = (
            (
                bench.row(
                    f"{bench.scale.flat_out_tokens:,} tokens flat out{how}",
                    shown,
                    "tokens/s",
                    "more",
                    against,
                    Goal(ratio=ratio),
                ),
                bench.row(f"processor time of these{how}", shown, "s", "less", against),
            )
            for how, against, ratio in (("", PEER, 2.5), ("", INSIDE, 0.7), (", none joined", PEER, 2.5))
        )
        rows += [peer, share, alone]
        takers = {OURS: (up[OURS], [(OURS, peer), (OURS, share)]), "none joined": (unjoined, [(OURS, alone)])}
        if PEER in up:
            takers[PEER] = up[PEER], [(PEER, peer), (PEER, alone)]
        for who, (server, noted) in takers.items():

            async def turn(server: Server = server, transport: Transport = transport, noted: Any = noted) -> None:
                before = server.cpu_s()
                timing = await through_sdk(server.url, transport, knobs)
                taken = server.cpu_s() - before
                for column, (rate, cpu) in noted:
                    rate.note(column, timing.per_second)
                    cpu.note(column, taken)

            turns[f"{who} {shown}"] = turn

    async def inside() -> None:
        before = time.process_time()
        timing = await in_process(agent, "flat out", knobs)
        taken = time.process_time() - before
        for rate, cpu in rows:
            rate.note(INSIDE, timing.per_second)
            cpu.note(INSIDE, taken)

    return {**turns, "in process": inside}, [row for two in rows for row in two]


async def measure(bench: Bench, folder: Path) -> None:
    agent = Agent(from_book())
    with ExitStack() as up:
        servers_up: dict[str, Server] = {}
        if bench.scale.installs_peer or servers.peer_is_installed():
            servers_up[PEER] = up.enter_context(servers.peer())
        else:
            print("LangGraph's server is not installed, so it is left out; without --quick it is installed")
        here, unjoined = up.enter_context(servers.ours()), up.enter_context(servers.ours(STREAMWISE_COALESCE_MS="0"))
        knobs = STEADY | {"n_tokens": bench.scale.steady_tokens}
        bare = up.enter_context(servers.bare(await record(unjoined, folder / "steady.json", knobs)))
        servers_up = {OURS: here, **servers_up, BARE: bare}
        await bench.rounds(*steady(bench, {who: server.url for who, server in servers_up.items()}, agent))
        await bench.rounds(*flat_out(bench, servers_up, unjoined, agent))


def main(scale: Scale) -> None:
    bench = Bench(scale)
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(bench, Path(folder)))
        asyncio.run(crowds.measure(bench, Path(folder)))
    names = ("langgraph", "langgraph-sdk", "starlette", "uvicorn", "websockets", "httpx")
    pins = servers.PINS.read_text().splitlines()
    pinned = [line.rstrip(" \\") for line in pins if line.startswith(("langgraph-c", "langgraph-a"))]
    versions = {name: metadata.version(name) for name in names} | {"python": sys.version.split()[0]}
    about = {
        "method": __doc__,
        "rounds": scale.rounds,
        "load": [before, os.getloadavg()[0]],
        "versions": versions,
        "peer": pinned,
    }
    print(table(bench.rows))
    after = " after a warm-up" if scale.warm_up else ""
    print(f"median [least..most] of {scale.rounds} rounds{after}; ratios round by round, above 1: ours is better")
    print(f"load {before:.1f} before, {os.getloadavg()[0]:.1f} after; client and servers share the cores")
    print(", ".join([*(f"{name} {version}" for name, version in versions.items()), *pinned]))
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps({**about, "rows": [row.as_json() for row in bench.rows], "missing": bench.missing}))
    print(f"all samples: {OUT.relative_to(servers.ROOT)}")
    if bench.missing:
        sys.exit("could not be measured:\n" + "\n".join(bench.missing))
