"""One proxy, both configurations, both transports, every trial. Starts what it needs, ends it, prints nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass, field

from demos import proxies
from demos.child import Child, served
from demos.clients import Client, posted
from demos.experiment import Control, controlled
from demos.proxied import TURNS, Proxied, proxied
from demos.proxies import Binary
from demos.trials import HEARTBEAT_S, IDLE_S, TRANSPORTS, TRIALS, WARM_UP, Reading, Transport, Trial, read

NEVER_S = 3600
THREADS = 64
"""Each client reads in a thread of its own; all trials of one proxy take about forty."""
FIRST = "plain"
"""This trial has the machine to itself; the others, which mostly wait, run together."""


@dataclass(frozen=True)
class Passage:
    """How one transport fares through one proxy with one configuration."""

    config: str
    transport: Transport
    limits_silence: bool
    """Whether the configuration ends a silent stream at all."""
    page_refused: str | None
    """How a command was refused that a page of this address posts; None: it was not."""
    readings: dict[str, Reading] = field(default_factory=dict)
    """By the trial's name; a transport that does not open has `plain` only."""


@dataclass(frozen=True)
class Matrix:
    """Every passage of one proxy in one version."""

    name: str
    title: str
    version: str
    passages: tuple[Passage, ...]


def matrix(binary: Binary, configs: Sequence[str] = proxies.CONFIGS) -> Matrix:
    """Try one proxy; takes about half a minute.

    Raises:
        ProxyFailed: it does not start.
        Busy: proxies are being tried, and enough wait already.
        RuntimeError: our own server does not start.
    """
    with TURNS.turn(), _server(NEVER_S) as silent, _server(HEARTBEAT_S) as lively:
        passages = asyncio.run(_matrix(binary, configs, silent, lively))
    return Matrix(binary.name, binary.title, binary.version, passages)


def _server(heartbeat_s: float) -> AbstractContextManager[Child]:
    return served({"STREAMWISE_HEARTBEAT_SECONDS": str(heartbeat_s)})


async def _matrix(binary: Binary, configs: Sequence[str], silent: Child, lively: Child) -> tuple[Passage, ...]:
    with ThreadPoolExecutor(THREADS) as threads:
        asyncio.get_running_loop().set_default_executor(threads)
        await asyncio.gather(_warm(silent), _warm(lively))
        passages: list[Passage] = []
        for config in configs:
            passages += await _plain(binary, config, silent)
        try:
            async with asyncio.TaskGroup() as group:
                for passage in passages:
                    if not passage.readings[FIRST].refused:
                        group.create_task(_rest(binary, passage, silent, lively))
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None  # one says enough; the others were cancelled, or fail alike
        return tuple(passages)


async def _rest(binary: Binary, passage: Passage, silent: Child, lively: Child) -> None:
    """Every other trial, at once; each has a proxy of its own."""
    rest = {name: trial for name, trial in TRIALS.items() if name != FIRST}
    servers = (lively if trial.heartbeat else silent for trial in rest.values())
    jobs = (_tried(binary, passage, trial, server) for trial, server in zip(rest.values(), servers, strict=True))
    passage.readings.update(zip(rest, await asyncio.gather(*jobs), strict=True))


async def _warm(server: Child) -> None:
    """A first run loads what the agent needs, and would be slow."""
    async with controlled(server.port) as control:
        await read(WARM_UP, TRANSPORTS[0], str(control.base_url).rstrip("/"), control)


async def _plain(binary: Binary, config: str, server: Child) -> list[Passage]:
    """Both transports, one after the other: this one is about times."""
    async with _behind(binary, config, server) as (proxy, control):
        page = await asyncio.to_thread(posted, proxy.api)
        limits = proxies.limits_silence(binary.name, config)
        return [
            Passage(config, way, limits, page, {FIRST: await read(TRIALS[FIRST], way, proxy.api, control)})
            for way in TRANSPORTS
        ]


async def _tried(binary: Binary, passage: Passage, trial: Trial, server: Child) -> Reading:
    idle_s = IDLE_S if trial.shortened and passage.limits_silence else None
    async with _behind(binary, passage.config, server, idle_s) as (proxy, control):

        async def restart(client: Client) -> None:
            while client.received < (trial.restart_at or 0):
                await asyncio.sleep(0.02)
            await asyncio.to_thread(proxy.restart)

        happens = restart if trial.restart_at is not None else None
        return await read(trial, passage.transport, proxy.api, control, happens)


@asynccontextmanager
async def _behind(
    binary: Binary, config: str, server: Child, idle_s: int | None = None
) -> AsyncIterator[tuple[Proxied, Control]]:
    """A proxy in front of a server, and a client of the server itself. Starting and ending hold nobody up."""
    running = proxied(binary, config, server.port, idle_s)
    proxy = await asyncio.to_thread(running.__enter__)
    try:
        async with controlled(server.port) as control:
            yield proxy, control
    finally:
        await asyncio.to_thread(running.__exit__, None, None, None)
