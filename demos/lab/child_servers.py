"""Starts demo servers that misbehave or restart on purpose, each as a child process, isolated from the app.

A page requests one, connects to its own port (another origin, so the browser's six connections to the app stay free),
and can restart it. Limited in number and lifetime; only for browsers on this machine.
"""

from __future__ import annotations

import asyncio
import os
import signal
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack, nullcontext, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx

from demos.connections.hosts import VARIABLE
from demos.limits import Limits
from demos.processes.demo_server import SERVE, Child, served
from demos.processes.unavailable import answer_503
from demos.protocol.errors import Refusal

HERE = ("127.0.0.1", "::1")
TRIES, AGAIN_S = 4, 1.0
"""How often a child is asked again that says to try again, and after how long."""


@dataclass
class Running:
    """One child server, and the cleanup for its end."""

    environment: dict[str, str]
    command: Sequence[str]
    child: Child | None = None
    undo: ExitStack = field(default_factory=ExitStack)
    expires: asyncio.TimerHandle | None = None
    changing: asyncio.Lock = field(default_factory=asyncio.Lock)
    port: int = 0


class Children:
    """All child servers of this process."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._running: dict[str, Running] = {}

    def __len__(self) -> int:
        return len(self._running)

    async def make(
        self,
        environment: Mapping[str, str],
        page: str,
        left: Callable[[], Awaitable[bool]] | None = None,
        command: Sequence[str] = SERVE,
    ) -> tuple[str, int]:
        """Start a server that pages of the host `page` may use; returns (id, port).

        `left`: returns whether the page is gone after the start; its server would otherwise run until its time limit.
        `command`: what starts it.

        Raises:
            Refusal: too many servers run, it did not start, or the page is gone.
        """
        if len(self._running) >= self._limits.children:
            limit = self._limits.children
            raise Refusal(503, "too_many_children", f"{limit} such servers run, the limit here. Try again shortly.")
        key = uuid.uuid4().hex[:12]
        running = self._running[key] = Running({**environment, VARIABLE: page}, command)
        await self._start(key, running)
        # The lifetime begins after the start, which is slow on a busy machine; `served` limits the start.
        loop = asyncio.get_running_loop()
        running.expires = loop.call_later(self._limits.child_seconds, lambda: asyncio.ensure_future(self.end(key)))
        if left is not None and await left():
            await self.end(key)
            raise Refusal(503, "page_left", "The page that asked for this server went away.")
        return key, running.port

    async def restart(self, key: str, down_s: float, refusing: bool = False) -> None:
        """Stop a server as a deployment does, wait `down_s` seconds, and start it again on the same port.

        `refusing`: answer 503 on its port while it is down.

        Raises:
            Refusal: no such child, or it did not start again.
        """
        running = self._find(key)
        async with running.changing:
            await asyncio.to_thread(running.undo.close)
            async with answer_503(running.port) if refusing else nullcontext():
                await asyncio.sleep(down_s)
            await self._start(key, running)

    def strike(self, key: str) -> None:
        """Tell a group of servers to kill the one that writes. Raises Refusal if there is no such child."""
        if (child := self._find(key).child) is not None:
            os.kill(child.pid, signal.SIGUSR1)

    async def end(self, key: str) -> None:
        """Stop a server. Safe to call twice."""
        if (running := self._drop(key)) is not None:
            async with running.changing:
                await asyncio.to_thread(running.undo.close)

    async def end_all(self) -> None:
        await asyncio.gather(*(self.end(key) for key in list(self._running)))

    async def measure(self, key: str, receipts: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Let the child server that has the runs count their receipts.

        Raises:
            Refusal: no such child, or it cannot count them.
        """
        port = self._find(key).port
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/api", timeout=10, trust_env=False) as http:
            try:
                answer = await _asked(http, receipts)
            except httpx.TransportError:
                raise Refusal(503, "child_away", "The server of this scenario does not answer.") from None
        said = answer.json()
        if answer.status_code != 200:
            raise Refusal(answer.status_code, said["error"], said["message"])
        measured: list[dict[str, Any]] = said["measurements"]
        return measured

    async def _start(self, key: str, running: Running) -> None:
        def start() -> Child:
            return running.undo.enter_context(served(running.environment, running.port, running.command))

        try:
            running.child = await asyncio.to_thread(start)
        except RuntimeError as error:
            self._drop(key)  # not `end`: it would wait for the restart, which waits for this
            raise Refusal(503, "child_failed", str(error)[:1000]) from None
        running.port = running.child.port
        if key not in self._running:  # stopped during its start
            await asyncio.to_thread(running.undo.close)
            raise Refusal(503, "child_failed", "The server of this scenario was ended while it started.")

    def _drop(self, key: str) -> Running | None:
        """Remove a server and cancel its timer; the caller must still close `undo`."""
        running = self._running.pop(key, None)
        if running is not None and running.expires is not None:
            running.expires.cancel()
        return running

    def _find(self, key: str) -> Running:
        if key not in self._running:
            raise Refusal(404, "no_such_child", "The server of this scenario is over. Press Start for a new one.")
        return self._running[key]


async def _asked(http: httpx.AsyncClient, receipts: list[dict[str, Any]]) -> httpx.Response:
    """The answer about receipts. One of a group may be killed while it is asked, or be busy with what another left."""
    for _ in range(TRIES):
        with suppress(httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError):
            answer = await http.post("/measure", json={"receipts": receipts})
            if answer.status_code != 503:
                return answer
        await asyncio.sleep(AGAIN_S)
    return await http.post("/measure", json={"receipts": receipts})
