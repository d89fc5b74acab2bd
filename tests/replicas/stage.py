"""Several servers over one engine, behind a real proxy, each a process that may be killed, frozen and started again."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from redis import Redis

from demos.processes.demo_server import Child, served
from demos.processes.ports import free_port
from demos.proxies import catalog
from demos.proxies.running import proxied
from demos.replicas.settings import LEASE, NAME, ON_LOSS, URL
from tests.demos.replicas.engines import RunningEngine, running_engine

LEASE_MS = 1500


@dataclass
class Server:
    """One replica."""

    name: str
    port: int
    environment: dict[str, str]
    life: ExitStack = field(default_factory=ExitStack)
    child: Child | None = None

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.port}/api"

    def start(self) -> None:
        self.child = self.life.enter_context(served({**self.environment, NAME: self.name}, self.port))

    def signal(self, number: int) -> None:
        assert self.child is not None
        os.kill(self.child.pid, number)

    def kill(self) -> None:
        """As the system does when the memory is short: without a word."""
        self.signal(signal.SIGKILL)
        self.life.close()

    def again(self) -> None:
        self.kill()
        self.start()


@dataclass
class Stage:
    """What is up."""

    engine: RunningEngine
    servers: list[Server]
    api: str
    """Through the proxy."""

    def owner(self, thread_id: str) -> Server | None:
        """Who writes this thread now."""
        with Redis(port=self.engine.port) as asked:
            found: Any = asked.hget(f"streamwise:thread:{thread_id}", "token")
        name = found.decode().partition("~")[0] if found else ""
        return next((server for server in self.servers if server.name == name), None)

    def owner_of_any(self) -> Server | None:
        """Who writes now, where one thread at most is written."""
        with Redis(port=self.engine.port) as asked:
            found: Any = asked.hvals("streamwise:owners")
        name = found[0].decode().partition("~")[0] if found else ""
        return next((server for server in self.servers if server.name == name), None)

    def obey(self, thread_id: str, method: str, api: str = "", **params: Any) -> dict[str, Any]:
        command = {"id": 1, "method": method, "params": params}
        asked = httpx.post(f"{api or self.api}/threads/{thread_id}/commands", json=command, timeout=30)
        reply: dict[str, Any] = asked.json()
        return reply

    def start(self, thread_id: str, api: str = "", **configurable: Any) -> dict[str, Any]:
        asked = {"messages": [{"role": "user", "content": "What about proxies?"}]}
        return self.obey(thread_id, "run.start", api, input=asked, config={"configurable": configurable})


@contextmanager
def stage(proxy: str, count: int = 3, is_kept: bool = False, on_loss: str = "continue") -> Iterator[Stage]:
    """So many replicas behind this proxy, without stickiness. `is_kept`: whether the engine writes to the disk."""
    with ExitStack() as ends:
        engine = ends.enter_context(running_engine(is_kept))
        variables = {URL: engine.url, LEASE: str(LEASE_MS), ON_LOSS: on_loss, "STREAMWISE_COALESCE_MS": "0"}
        servers = [Server(f"r{n}", free_port(), variables) for n in range(count)]
        for server in servers:
            ends.callback(server.life.close)
            server.start()
        addresses = [f"127.0.0.1:{server.port}" for server in servers]
        binary = catalog.binaries(proxy)[0]
        front = proxied(binary, catalog.REPLICAS, servers[0].port, servers=addresses, asks="/api/health")
        yield Stage(engine, servers, ends.enter_context(front).api)
