"""Shared state of the demo endpoints in one process, with its start and shutdown. Defines no routes."""

from __future__ import annotations

import asyncio
import functools
import logging
import math
import os
import sys
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Self

from demos.agent.model_settings import SILENCE, ModelAddress
from demos.connections.bounded_log import bounded_logs
from demos.connections.connection_limits import ConnectionLimits
from demos.connections.hosts import allowed_hosts
from demos.connections.open_streams import OpenStreams
from demos.connections.shutdown import before_signals
from demos.connections.slow_requests import SlowRequests
from demos.limits import Limits
from demos.replicas.settings import ReplicaSettings
from demos.threads.commands import Commands
from demos.threads.counters import Counters
from demos.threads.registry import Threads
from demos.threads.runs import Agent
from demos.threads.sharing import Alone, Sharing

SWEEP_S = 30.0
"""Seconds between two searches for idle threads; fewer if idle threads are kept for a shorter time."""
PATROL_S = 0.25
"""Seconds between two checks for stalled streams and slow requests."""

logger = logging.getLogger(__name__)


SCRIPTED = "scripted"
"""Name of the scripted model, which is no real model."""


def _make_agent(model: ModelAddress | None, saver: Callable[[], Any]) -> Agent:
    """Build the agent. Slow: imports langgraph and the client of a real model, reads the book. Runs in a thread."""
    from demos.agent.facts import from_book
    from demos.agent.graph import Agent as Graph

    if model is None:
        return Graph(from_book(), saver=saver())
    from demos.agent.openai_model import HostedModel

    return Graph(from_book(), hosted=HostedModel.at(model), saver=saver())


class Backend:
    """Threads, streams, limits and the agent of one process."""

    def __init__(
        self,
        limits: Limits | None = None,
        make_agent: Callable[[], Agent] | None = None,
        heartbeat_s: float = 15.0,
        hosts: Collection[str] = (),
        coalesce_s: float = 0.008,
        model: ModelAddress | None = None,
        replicas: ReplicaSettings | None = None,
    ) -> None:
        """`replicas`: how threads are shared with other servers; None: they are not."""
        self.limits = limits or Limits()
        self.heartbeat_s = heartbeat_s
        self.hosts = hosts
        self.counters = Counters()
        self.streams = OpenStreams(self.limits, lambda thread_id: self.threads.reader_left(thread_id), self.counters)
        self.slow_requests = SlowRequests(self.limits.head_seconds)
        self.connection_limits = ConnectionLimits(self.limits, self.slow_requests.learn)
        self.threads = Threads(self.limits, self.agent, self.streams.readers, coalesce_s, self.counters)
        self.commands = Commands(self.threads, self.limits, steerable=model is None)
        self.model = model
        self.gauges: dict[str, tuple[str, Callable[[], int]]] = {}
        """Further figures for the metrics, added by other packages: name -> (description, current value)."""
        self.when_shut: list[Callable[[], None]] = []
        """Called when the process is told to end, before anybody waits for open streams."""
        self.sharing, saver = self._shared(replicas)
        self._make_agent = make_agent or functools.partial(_make_agent, model, saver)
        self._agent: asyncio.Task[Agent] | None = None

    def _shared(self, replicas: ReplicaSettings | None) -> tuple[Sharing, Callable[[], Any]]:
        """How threads are shared, and what makes the keeper of checkpoints. Imports only what that needs."""
        if replicas is None:
            return Alone(self.threads, self.commands), lambda: None
        try:
            from demos.replicas.cluster import Cluster
        except ModuleNotFoundError as error:
            raise ValueError(
                f"STREAMWISE_REDIS_URL needs the package {error.name}: pip install -r requirements/replicas.txt"
            ) from None
        cluster = Cluster(replicas, self.threads, self.commands, self.limits, self.agent)
        return cluster, cluster.saver

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read the settings from the environment: STREAMWISE_MAX_* and those of docs/settings.md.

        Raises:
            ValueError: a variable has a value that is not allowed.
        """
        return cls(
            Limits.from_environment(environment),
            heartbeat_s=number(environment, "STREAMWISE_HEARTBEAT_SECONDS", 15, 0.05, 3600),
            coalesce_s=number(environment, "STREAMWISE_COALESCE_MS", 8, 0, 1000) / 1000,
            hosts=allowed_hosts(environment),
            model=ModelAddress.from_environment(environment, number(environment, SILENCE, 120, 0.05, 3600)),
            replicas=ReplicaSettings.from_environment(environment),
        )

    @property
    def model_name(self) -> str:
        """Name of the model that answers runs."""
        return SCRIPTED if self.model is None else self.model.name

    async def agent(self) -> Agent:
        """Return the agent. Built once, in a thread, so that open streams do not stall."""
        if self._agent is None or (self._agent.done() and self._agent.exception()):
            self._agent = asyncio.create_task(asyncio.to_thread(self._make_agent), name="load the agent")
        return await asyncio.shield(self._agent)

    @asynccontextmanager
    async def lifespan(self) -> AsyncIterator[None]:
        """Run the background tasks. On exit, abort every stream and cancel every run."""
        tasks = [asyncio.create_task(each()) for each in (self._preload, self._sweep, self._patrol)]
        try:
            with bounded_logs(), before_signals(self._shut_down):
                async with self.sharing.lifespan():
                    yield
        finally:
            self.streams.shut_down()
            for task in tasks + [run for run in asyncio.all_tasks() if run.get_name().startswith("run ")]:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    def _shut_down(self) -> None:
        self.connection_limits.shut()
        self.sharing.hand_over()
        for call in self.when_shut:
            call()
        self.streams.shut_down()

    async def _preload(self) -> None:
        """Build the agent early, so that the first run does not wait. The run that needs it reports a failure."""
        with suppress(Exception):
            await self.agent()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(min(SWEEP_S, self.limits.idle_seconds))
            try:
                await self.sweep()
            except Exception:  # or the loop would end without a message, and no thread would be removed
                logger.exception("the sweep failed, and is tried again")

    async def sweep(self) -> None:
        """Remove idle threads, and the agent's checkpoints of removed threads."""
        self.threads.sweep()
        if not self.threads.forgotten:
            return
        try:
            agent = await self.agent()
        except Exception:  # reported by the runs that needed it
            self.threads.forgotten.clear()  # without an agent there are no checkpoints
            return
        while self.threads.forgotten:
            await agent.forget(self.threads.forgotten.pop())

    async def _patrol(self) -> None:
        while True:
            await asyncio.sleep(PATROL_S)
            self.streams.patrol()
            self.slow_requests.patrol()


def number(environment: Mapping[str, str], variable: str, default: float, low: float, high: float) -> float:
    """Read a number from the environment.

    Raises:
        ValueError: not a number in the range.
    """
    text = environment.get(variable, str(default))
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not low <= found <= high:  # which NaN is not
        raise ValueError(f"{variable} is {text!r}. Allowed: a number from {low:g} to {high:g}")
    return found


@functools.cache
def shared_backend() -> Backend:
    """Return the one backend of this process, configured by its environment. Built on first use, never at import.

    Raises:
        SystemExit: an environment variable has a value that is not allowed; the message names it.
    """
    try:
        return Backend.from_environment()
    except ValueError as error:
        sys.exit(str(error))
