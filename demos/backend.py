"""What the demo endpoints share in one process, and its start and end. Makes no route and reads no request."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Self

from demos import evidence
from demos.commands import Commands
from demos.gate import allowed_origins
from demos.limits import Limits
from demos.lines import Lines
from demos.runs import Agent
from demos.signals import before_signals
from demos.threads import Threads

SWEEP_S = 30.0


def _make_agent() -> Agent:
    """Slow: imports langgraph and reads the book. Runs in a thread."""
    from demos.agent import Agent as Scripted
    from demos.knowledge import from_book

    return Scripted(from_book())


class Backend:
    """Threads, lines, limits and the agent of one process."""

    def __init__(
        self,
        limits: Limits | None = None,
        make_agent: Callable[[], Agent] = _make_agent,
        heartbeat_s: float = 15.0,
        origins: Collection[str] = (),
        store: evidence.Store = evidence.STORE,
    ) -> None:
        self.limits = limits or Limits()
        self.heartbeat_s = heartbeat_s
        self.origins = origins
        self.store = store
        self.lines = Lines(self.limits)
        self.threads = Threads(self.limits, self.agent, self.lines.readers)
        self.commands = Commands(self.threads, self.limits)
        self._make_agent = make_agent
        self._agent: asyncio.Task[Agent] | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """As configured by STREAMWISE_MAX_*, STREAMWISE_ALLOWED_ORIGINS and STREAMWISE_HEARTBEAT_SECONDS.

        Raises:
            ValueError: a variable has a value that is not allowed.
        """
        return cls(
            Limits.from_environment(environment),
            heartbeat_s=heartbeat(environment.get("STREAMWISE_HEARTBEAT_SECONDS", "15")),
            origins=allowed_origins(environment),
        )

    async def agent(self) -> Agent:
        """The agent, made once, in a thread so that open streams do not stall meanwhile."""
        if self._agent is None or (self._agent.done() and self._agent.exception()):
            self._agent = asyncio.create_task(asyncio.to_thread(self._make_agent), name="load the agent")
        return await asyncio.shield(self._agent)

    @asynccontextmanager
    async def lifespan(self) -> AsyncIterator[None]:
        """Serve between start and end; at the end, every stream is aborted and every run dropped."""
        tasks = [asyncio.create_task(self._preload()), asyncio.create_task(self._sweep())]
        try:
            with before_signals(self.lines.shut_down):
                yield
        finally:
            self.lines.shut_down()
            for task in tasks + [run for run in asyncio.all_tasks() if run.get_name().startswith("run ")]:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    async def _preload(self) -> None:
        """So that the first run does not wait for an import. A failure is told by the run that needs the agent."""
        with suppress(Exception):
            await self.agent()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            self.threads.sweep()
            while self.threads.forgotten:
                await (await self.agent()).forget(self.threads.forgotten.pop())


def heartbeat(text: str) -> float:
    """Seconds between heartbeats.

    Raises:
        ValueError: not a number from 0.05 to 3600.
    """
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0.05 <= seconds <= 3600:
        raise ValueError(f"STREAMWISE_HEARTBEAT_SECONDS is {text!r}. Allowed: a number from 0.05 to 3600")
    return seconds
