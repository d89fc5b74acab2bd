"""Runs every trial on one proxy, with both configurations and both transports. Prints nothing."""

from __future__ import annotations

import asyncio
import functools
import importlib.util
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TypeVar

from demos.clients.readers import Client, milliseconds, posted
from demos.harness.testbed import Control, controlled
from demos.processes.demo_server import Child, served
from demos.proxies import catalog as proxies
from demos.proxies.catalog import Binary
from demos.proxies.http2.certificate import certificate, trust
from demos.proxies.running import Proxied, ProxyFailed, proxied
from demos.proxies.trials import (
    HEARTBEAT_S,
    IDLE_S,
    PATIENCE_S,
    TRANSPORTS,
    TRIALS,
    WARM_UP,
    Reading,
    Transport,
    Trial,
    read,
)

T = TypeVar("T")
NEVER_S = 3600
THREADS = 64
"""Each client reads in its own thread; all trials of one proxy need about forty."""
CAN_HTTP2 = all(importlib.util.find_spec(name) is not None for name in ("h2", "trustme"))
"""Whether the HTTP/2 libraries of requirements/proxies.txt are installed."""
EVERYTHING: tuple[str, ...] = tuple(name for name, trial in TRIALS.items() if CAN_HTTP2 or not trial.http2)
FIRST = "plain"
"""This trial and the one over HTTP/2 run alone; the others mostly wait, and run in parallel."""


@dataclass(frozen=True)
class TransportResult:
    """Results of one transport through one proxy with one configuration."""

    config: str
    transport: Transport
    limits_silence: bool
    """Whether the configuration has a limit on silence."""
    page_refused: str | None
    """How a command from a page of this address was refused; None if accepted."""
    readings: dict[str, Reading] = field(default_factory=dict)
    """By trial name; only `plain` if the transport does not open."""


@dataclass(frozen=True)
class Matrix:
    """Results of all configurations and transports of one proxy in one version."""

    name: str
    title: str
    version: str
    passages: tuple[TransportResult, ...]
    tried: tuple[str, ...] = EVERYTHING
    """Names of the planned trials; other trials have no expected result."""


Watch = Callable[[TransportResult, str], None]
"""Called with the result that has a new reading, and the trial's name."""


def unwatched(passage: TransportResult, name: str) -> None:
    """Do nothing with a new reading."""


def matrix(
    binary: Binary,
    configs: Sequence[str] = proxies.CONFIGS,
    watch: Watch = unwatched,
    tried: Sequence[str] | None = None,
) -> Matrix:
    """Run the trials on one proxy; takes about half a minute. `watch` is called after each reading.

    `tried`: names of trials, by default all. FIRST always runs.

    Raises:
        ProxyFailed: it does not start.
        RuntimeError: our own server does not start.
    """
    tried = EVERYTHING if tried is None else tried
    with server(NEVER_S) as silent, server(HEARTBEAT_S) as lively:
        trials = functools.partial(_matrix, binary, configs, tried, silent, lively, watch)
        passages = asyncio.run(together(trials, silent, lively))
    made = (FIRST, *(one for one in tried if one != FIRST))
    return Matrix(binary.name, binary.title, binary.version, passages, made)


def server(heartbeat_s: float) -> AbstractContextManager[Child]:
    """Demo server for trials."""
    return served({"STREAMWISE_HEARTBEAT_SECONDS": str(heartbeat_s)})


async def together(trials: Callable[[], Awaitable[T]], *servers: Child) -> T:
    """Warm up the servers, then run trials, with enough threads for all clients."""
    with ThreadPoolExecutor(THREADS) as threads:
        asyncio.get_running_loop().set_default_executor(threads)
        await asyncio.gather(*(_warm(one) for one in servers))
        try:
            return await trials()
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None  # one error is enough; the others were cancelled, or are similar


async def _matrix(
    binary: Binary, configs: Sequence[str], tried: Sequence[str], silent: Child, lively: Child, watch: Watch
) -> tuple[TransportResult, ...]:
    passages: list[TransportResult] = []
    for config in configs:
        passages += await _plain(binary, config, silent, watch)
    further = [(one, name) for one in passages for name in tried if name in TRIALS and _makes_sense(one, name)]
    for passage, name in further:
        if TRIALS[name].http2:  # measures times, so one at a time
            await _into(passage, name, _over_http2(binary, passage.transport, TRIALS[name], silent), watch)
    async with asyncio.TaskGroup() as group:
        for passage, name in further:
            if not TRIALS[name].http2:
                group.create_task(_into(passage, name, _tried(binary, passage, TRIALS[name], silent, lively), watch))
    return tuple(passages)


def _makes_sense(passage: TransportResult, name: str) -> bool:
    """Whether a further trial makes sense after the first one."""
    opens = not passage.readings[FIRST].refused
    return opens and name != FIRST and (passage.config == "recommended" or not TRIALS[name].http2)


async def _into(passage: TransportResult, name: str, reading: Awaitable[Reading], watch: Watch) -> None:
    passage.readings[name] = await reading
    watch(passage, name)


async def _warm(server: Child) -> None:
    """Run the agent once, since the first run is slow."""
    async with controlled(server.port) as control:
        await read(WARM_UP, TRANSPORTS[0], str(control.base_url).rstrip("/"), control)


async def _plain(binary: Binary, config: str, server: Child, watch: Watch) -> list[TransportResult]:
    """Run the first trial on both transports, one after the other, since it measures times."""
    limits = proxies.limits_silence(binary.name, config)
    passages = []
    async with behind(binary, config, server) as (proxy, control):
        page = await asyncio.to_thread(posted, proxy.api)
        for way in TRANSPORTS:
            passages.append(TransportResult(config, way, limits, page))
            await _into(passages[-1], FIRST, read(TRIALS[FIRST], way, proxy.api, control), watch)
    return passages


async def _tried(binary: Binary, passage: TransportResult, trial: Trial, silent: Child, lively: Child) -> Reading:
    idle_s = IDLE_S if trial.shortened and passage.limits_silence else None
    async with behind(binary, passage.config, lively if trial.heartbeat else silent, idle_s) as (proxy, control):

        async def restart(client: Client) -> None:
            ends = milliseconds() + PATIENCE_S * 1000
            while client.received < (trial.restart_at or 0):
                proxy.check()
                if milliseconds() > ends:
                    return  # the client has given up, and its receipt says so
                await asyncio.sleep(0.02)
            await asyncio.to_thread(proxy.restart)

        happens = restart if trial.restart_at is not None else None
        return await read(trial, passage.transport, proxy.api, control, happens)


async def _over_http2(binary: Binary, way: Transport, trial: Trial, server: Child) -> Reading:
    from demos.proxies.http2.bridge import crossing  # optional, as CAN_HTTP2 says

    try:
        async with (
            behind(binary, proxies.HTTP2, server, pem=certificate()) as (proxy, control),
            crossing(proxy.site.port, trust) as crossed,
        ):
            reading = await read(trial, way, crossed.api, control)
            return replace(reading, shared=crossed.shared)
    except ProxyFailed as failed:  # for example built without TLS or HTTP/2; the other trials are not affected
        return Reading(way, 0.0, refused=str(failed).splitlines()[-1][-200:], asked=False)


@asynccontextmanager
async def behind(
    binary: Binary,
    config: str,
    server: Child,
    idle_s: int | None = None,
    pem: bytes | None = None,
) -> AsyncIterator[tuple[Proxied, Control]]:
    """Run a proxy in front of a server; yields it and a client of the server. Start and end do not block the loop."""
    running = proxied(binary, config, server.port, idle_s, pem=pem)
    proxy = await asyncio.to_thread(running.__enter__)
    try:
        async with controlled(server.port) as control:
            yield proxy, control
        proxy.check()
    finally:
        await asyncio.to_thread(running.__exit__, None, None, None)
