"""Many readers on one server, ours and bare Starlette: one run fanned out to 500, and the memory of an idle stream."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

from tests.bench import servers
from tests.bench.figures import BARE, OURS, Goal, Row
from tests.bench.readers import crowd, make_thread, record, start
from tests.bench.servers import Server
from tests.bench.turns import Bench, Turn

BEFORE = 50
"""Streams that are open before an idle one is weighed."""
FILES = 4096
"""Open files that this process and its children need."""
SETTLE_S = 0.5
"""What the process that has just admitted a crowd is given to come to rest."""
KNOBS: dict[str, Any] = {"n_tokens": 200, "rate": 0, "first_token_ms": 0, "stamp": True}
TRANSPORTS = {"sse": ("SSE", False), "websocket": ("WebSocket", False), "deflate": ("WebSocket, deflate offered", True)}

Made = Callable[[], AbstractContextManager[Server]]


async def measure(bench: Bench, folder: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < FILES:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(FILES, hard), hard))
    with ExitStack() as up:
        here = up.enter_context(servers.ours(STREAMWISE_COALESCE_MS="0"))
        path = await record(here, folder / "crowd.json", KNOBS)
        bare = up.enter_context(servers.bare(path))
        await bench.rounds(*_fan_out(bench, {OURS: here, BARE: bare}))
    made: dict[str, Made] = {OURS: servers.ours, BARE: lambda: servers.bare(path)}
    await bench.rounds(*_memory(bench, made))


def _fan_out(bench: Bench, up: dict[str, Server]) -> tuple[dict[str, Turn], list[Row]]:
    """Events delivered a second, over all readers, from the command to the last event of the last reader."""
    turns: dict[str, Turn] = {}
    rows: list[Row] = []
    for transport in ("sse", "websocket"):
        shown, _ = TRANSPORTS[transport]
        row = bench.row(f"one run to {bench.scale.readers} readers", shown, "events/s", "more", BARE, Goal(ratio=0.8))
        rows.append(row)
        for who, server in up.items():

            async def turn(who: str = who, server: Server = server, transport: str = transport, row: Row = row) -> None:
                row.note(who, await _delivered(server, transport, bench.scale.readers))

            turns[f"{who} {shown}, {bench.scale.readers} readers"] = turn
    return turns, rows


async def _delivered(server: Server, transport: str, size: int) -> float:
    thread_id, loop = await make_thread(server), asyncio.get_running_loop()
    async with crowd(server, thread_id, transport, size) as readers:
        begun = loop.time()
        await start(server, thread_id, **KNOBS)
        ended: float = max(await asyncio.gather(*(reader.over for reader in readers)))
        if len(counts := {reader.events for reader in readers}) > 1:
            raise RuntimeError(f"not every reader got as many events: {sorted(counts)}")
        return float(size * counts.pop() / (ended - begun))


def _memory(bench: Bench, made: dict[str, Made]) -> tuple[dict[str, Turn], list[Row]]:
    """A process of its own for each figure: memory that was given back once would be taken again for nothing."""
    turns: dict[str, Turn] = {}
    rows: list[Row] = []
    for shown, deflate in TRANSPORTS.values():
        row = bench.row("memory of an idle stream", shown, "kB", "less", BARE, Goal(at_most=30))
        rows.append(row)
        transport = "sse" if shown == "SSE" else "websocket"
        for who, serve in made.items():

            async def turn(
                who: str = who, serve: Made = serve, transport: str = transport, deflate: bool = deflate, row: Row = row
            ) -> None:
                with serve() as server:
                    row.note(who, await _held(server, transport, deflate, bench.scale.idle) / 1000)

            turns[f"{who} {shown}, idle"] = turn
    return turns, rows


async def _held(server: Server, transport: str, deflate: bool, size: int) -> float:
    """Bytes of each of so many streams, once the agent is loaded and some streams are open already."""
    thread_id = await make_thread(server)
    async with crowd(server, thread_id, transport, BEFORE, deflate) as readers:
        await start(server, thread_id, **{**KNOBS, "n_tokens": 1})
        await asyncio.gather(*(reader.over for reader in readers))
        await asyncio.sleep(SETTLE_S)
        before = server.rss()
        async with crowd(server, await make_thread(server), transport, size, deflate):
            await asyncio.sleep(SETTLE_S)
            return (server.rss() - before) / size
