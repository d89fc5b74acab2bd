"""What a shared log costs: one server with its log in memory, against 1, 2 and 4 that share one over an engine.

In a round every set-up takes its turn, in the opposite order every other round; the first round is a warm-up. Each
stream is an answer of its own at 50 tokens a second, with one reader. A token is the time at which it was made, so its
delay is what storing and carrying it added.
"""

from __future__ import annotations

import asyncio
import re
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from redis import Redis

from demos.processes.engine_server import engine
from demos.processes.ports import free_port
from demos.replicas.settings import URL
from tests.bench import servers
from tests.bench.figures import percentile
from tests.bench.readers import Reader, crowd, make_thread, start
from tests.bench.scale import Scale
from tests.bench.servers import Server

KNOBS: dict[str, Any] = {"rate": 50, "first_token_ms": 0, "jitter": 0, "stamp": True}
STAMP = re.compile(rb'"text":"(\d{9,}) "')
TOKENS = 5_000
"""Processor time is told for so many."""
LONGEST_S = 120.0


@dataclass
class SetUp:
    """One way to serve."""

    name: str
    up: list[Server]
    engine: Server | None
    elsewhere: bool = False
    """Whether each reader is on another server than the one that writes."""


@dataclass
class Row:
    """One set-up with so many streams: a sample a round."""

    p50_ms: list[float] = field(default_factory=list)
    p99_ms: list[float] = field(default_factory=list)
    servers_s: list[float] = field(default_factory=list)
    engine_s: list[float] = field(default_factory=list)
    mib: list[float] = field(default_factory=list)


class Timed(Reader):
    """A reader that notes how old each token is when it comes."""

    delays: list[float]

    def data_received(self, data: bytes) -> None:
        now = time.monotonic_ns()
        super().data_received(data)
        self.__dict__.setdefault("delays", []).extend((now - int(made)) / 1e6 for made in STAMP.findall(data))


@contextmanager
def set_ups(scale: Scale) -> Iterator[list[SetUp]]:
    """All of them, up at the same time: an idle server costs next to nothing."""
    with ExitStack() as up:
        found = [SetUp("memory, 1 server", [up.enter_context(servers.ours(STREAMWISE_COALESCE_MS="0"))], None)]
        for count in scale.replicas:
            url = up.enter_context(engine(free_port()))
            started = [up.enter_context(servers.ours(STREAMWISE_COALESCE_MS="0", **{URL: url})) for _ in range(count)]
            with Redis.from_url(url) as asked:
                pid: int = asked.info("server")["process_id"]
            shared = f"engine, {count} server{'s' if count > 1 else ''}"
            found.append(SetUp(shared, started, Server(url, pid)))
            if count > 1:
                found.append(SetUp(f"{shared}, read elsewhere", started, Server(url, pid), elsewhere=True))
        yield found


async def take(setup: SetUp, streams: int, tokens: int, row: Row) -> None:
    """So many answers at once; their delays, and what they cost."""
    places = [(setup.up[n % len(setup.up)], setup.up[(n + setup.elsewhere) % len(setup.up)]) for n in range(streams)]
    threads = [await make_thread(writer) for writer, _ in places]
    before = [server.cpu_s() for server in setup.up], setup.engine.cpu_s() if setup.engine else 0.0
    delays = list[float]()

    async def read(thread: str, writer: Server, reads: Server) -> None:
        async with crowd(reads, thread, "sse", 1, kind=Timed) as [reader]:
            await start(writer, thread, **KNOBS, n_tokens=tokens)
            async with asyncio.timeout(LONGEST_S):
                await reader.over
            delays.extend(reader.delays)

    await asyncio.gather(*(read(thread, *place) for thread, place in zip(threads, places, strict=True)))
    per = TOKENS / (streams * tokens)
    row.p50_ms.append(percentile(delays, 50))
    row.p99_ms.append(percentile(delays, 99))
    row.servers_s.append(per * sum(server.cpu_s() - was for server, was in zip(setup.up, before[0], strict=True)))
    row.engine_s.append(per * (setup.engine.cpu_s() - before[1]) if setup.engine else 0.0)
    row.mib.append(sum(server.rss() for server in setup.up) / 2**20)


def main(scale: Scale) -> None:
    rows: dict[tuple[int, str], Row] = {}
    with set_ups(scale) as found:
        for streams in scale.replica_streams:
            for turn in range(scale.warm_up + scale.rounds):
                for setup in found if turn % 2 else reversed(found):
                    row = Row() if turn < scale.warm_up else rows.setdefault((streams, setup.name), Row())
                    asyncio.run(take(setup, streams, scale.replica_tokens, row))
    print(table(rows, [setup.name for setup in found]))


def table(rows: dict[tuple[int, str], Row], names: list[str]) -> str:
    """Medians over the rounds; processor time also as a ratio to the server with its log in memory."""
    heads = ["Streams at 50/s", "Set-up", "Added p50, ms", "p99, ms", "Servers, s for 5,000 tokens", "Engine, s"]
    heads += ["Against memory", "Servers, MiB"]
    lines = [f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}"]
    for streams, name in sorted(rows, key=lambda key: (key[0], names.index(key[1]))):
        row, memory = rows[streams, name], rows[streams, names[0]]
        each = zip(row.servers_s, row.engine_s, memory.servers_s, strict=True)
        ratio = statistics.median((ours + engine_s) / theirs for ours, engine_s, theirs in each)
        samples = (row.p50_ms, row.p99_ms, row.servers_s, row.engine_s, row.mib)
        p50, p99, ours, engine_s, mib = map(statistics.median, samples)
        lines.append(
            f"| {streams} | {name} | {p50:.2f} | {p99:.1f} | {ours:.2f} | {engine_s:.2f} | {ratio:.2f} | {mib:.0f} |"
        )
    return "\n".join(lines)
