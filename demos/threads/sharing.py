"""How threads are shared with other servers: not at all, unless `demos.replicas` does it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol

from demos.threads.callers import NOBODY, STRANGER, Caller
from demos.threads.commands import Commands, Reply
from demos.threads.registry import Threads
from demos.threads.runs import Thread


class Sharing(Protocol):
    """What stands between an endpoint and the threads."""

    async def prepare(self, thread_id: str, is_read: bool = False) -> None:
        """Make what is known here of a thread as new as it is anywhere. `is_read`: a stream is about to read it.

        Raises:
            Refusal: it cannot be known now.
        """

    async def make(self, thread_id: str | None, client: str = NOBODY) -> tuple[Thread, bool]:
        """Return the thread, and whether it is new. Raises Refusal as `Threads.make` does."""

    async def obey(self, thread_id: str, frame: Mapping[str, Any], caller: Caller = STRANGER) -> Reply:
        """Carry out one command, wherever the thread is written; its effect is stored before the reply."""

    async def stop(self, thread_id: str, run_id: str, caller: Caller = STRANGER) -> None:
        """Stop a run. Raises Refusal where there is none, or it is another caller's."""

    def tell(self, topic: str, message: Mapping[str, Any]) -> None:
        """Let every other server do what `when_told` says for this topic."""

    @property
    def when_told(self) -> dict[str, Callable[[Mapping[str, Any]], object]]:
        """What is done here when another server tells something, by topic."""

    @property
    def is_alone(self) -> bool:
        """Whether there are no other servers."""

    @property
    def problem(self) -> str:
        """Why this server should be sent nobody now; empty while all is well."""

    def lifespan(self) -> AbstractAsyncContextManager[None]:
        """Take part while the block lasts."""

    def hand_over(self) -> None:
        """The process is told to end: let others go on with its runs."""


class Alone:
    """One server, which knows all there is to know."""

    problem = ""
    is_alone = True

    def __init__(self, threads: Threads, commands: Commands) -> None:
        self.when_told: dict[str, Callable[[Mapping[str, Any]], object]] = {}
        self._threads, self._commands = threads, commands

    async def prepare(self, thread_id: str, is_read: bool = False) -> None:
        return None

    async def make(self, thread_id: str | None, client: str = NOBODY) -> tuple[Thread, bool]:
        is_new = not self._threads.has(thread_id)
        return self._threads.make(thread_id, client), is_new

    async def obey(self, thread_id: str, frame: Mapping[str, Any], caller: Caller = STRANGER) -> Reply:
        return self._commands.obey(thread_id, frame, caller)

    async def stop(self, thread_id: str, run_id: str, caller: Caller = STRANGER) -> None:
        self._threads.commanded(thread_id, caller).find(run_id).stop()

    def tell(self, topic: str, message: Mapping[str, Any]) -> None:
        return None

    @asynccontextmanager
    async def lifespan(self) -> AsyncIterator[None]:
        yield

    def hand_over(self) -> None:
        return None
