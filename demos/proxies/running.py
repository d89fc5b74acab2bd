"""Runs a real proxy in front of a server of ours: starts, checks, restarts and ends it.

It runs in a folder of its own on loopback, from the very file that is shown, and ends with us however we go.
"""

from __future__ import annotations

import http.client
import itertools
import os
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from demos.processes import supervised
from demos.proxies import catalog as proxies
from demos.proxies.catalog import Binary
from demos.proxies.http2.certificate import trust
from guide.book.config_template import Site, render

START_S = 30.0
LOG_CHARS = 2000
PORTS = range(20_000, 30_000)


class ProxyFailed(RuntimeError):
    """A proxy did not start, or is not there. The message has the end of its log."""


@dataclass
class Proxied:
    """A proxy that is up."""

    binary: Binary
    site: Site
    log: Path
    asks: str = "/api/health"
    """What the server behind it answers with 200 once requests are passed on."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Of its environment, besides those that every proxy gets."""
    secure: bool = False
    """Whether it speaks TLS."""
    process: subprocess.Popen[bytes] | None = None

    @property
    def api(self) -> str:
        """The server's address, through the proxy."""
        return f"http://127.0.0.1:{self.site.port}/api"

    def said(self) -> str:
        """The end of its log."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-LOG_CHARS:]

    def start(self) -> None:
        """Start it, and wait until it passes requests on.

        Raises:
            ProxyFailed: it ended, or took too long; with what it said.
        """
        proxy, where = self.binary.proxy, self.site.folder
        command = [part.format(folder=where, config=proxy.config) for part in proxy.command]
        variables = {"PATH": os.environ.get("PATH", ""), "HOME": where, "CADDY_ADMIN": f"unix/{where}/admin.sock"}
        variables |= self.variables
        with self.log.open("ab") as output:
            self.process = supervised.start([self.binary.path, *command], output, Path(where), variables)
        ends = time.monotonic() + START_S
        while time.monotonic() < ends and self.process.poll() is None:
            if self._is_up():
                return
            time.sleep(0.02)
        raise ProxyFailed(f"{self.binary.title} did not start within {START_S:g} s. It said: {self.said()}")

    def _is_up(self) -> bool:
        connection = _connection(self.site.port, self.secure)
        try:
            connection.request("GET", self.asks)
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def check(self) -> None:
        """Raises ProxyFailed if it has ended by itself, with what it said."""
        if self.process is not None and self.process.poll() is not None:
            raise ProxyFailed(f"{self.binary.title} ended by itself. It said: {self.said()}")

    def end(self, at_once: bool = False) -> None:
        if self.process is not None:
            supervised.stop(self.process, at_once)
            self.process = None

    def restart(self) -> None:
        """As after a crash: every connection is lost, and the port answers again once it is up.

        Raises:
            ProxyFailed: it did not come back.
        """
        self.end(at_once=True)
        self.start()


@contextmanager
def proxied(
    binary: Binary,
    config: str,
    upstream_port: int,
    idle_s: int | None = None,
    asks: str = "/api/health",
    pem: bytes | None = None,
) -> Iterator[Proxied]:
    """A proxy that lives as long as the block, in front of a server on this machine that answers `asks` with 200.

    Args:
        config: `default`, `recommended`, or another file of its folder.
        idle_s: shortens every limit on silence.
        pem: a certificate with its key, for a configuration that speaks TLS.

    Raises:
        ProxyFailed: it did not start, or ended by itself.
    """
    with tempfile.TemporaryDirectory(prefix="streamwise-") as where:
        os.chmod(where, 0o711)  # started by root, nginx has workers of another user, who keep large bodies there
        site = Site(free_port(), upstream_port, where)
        texts = {binary.proxy.config: proxies.template(binary.name, config)}
        if frame := proxies.frame(binary.name):
            texts[frame.name] = frame.read_text(encoding="utf-8")
        for name, text in texts.items():
            Path(where, name).write_text(render(text, site, idle_s), encoding="utf-8")
        if pem is not None:
            Path(where, "certificate.pem").write_bytes(pem)
        log = Path(where, "log")
        log.touch()
        variables = binary.proxy.environment if config == proxies.HTTP2 else {}
        running = Proxied(binary, site, log, asks, variables, pem is not None)
        try:
            running.start()
            yield running
            running.check()
        finally:
            running.end()


def _connection(port: int, secure: bool) -> http.client.HTTPConnection:
    if not secure:
        return http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    return http.client.HTTPSConnection("localhost", port, timeout=2, context=trust())


def free_port() -> int:
    """A port that nobody listens on, below those that systems give to outgoing connections: such a one might otherwise
    take it while a proxy is being restarted. Processes start looking in places of their own.

    Raises:
        ProxyFailed: there is none.
    """
    with _LOOKING:
        for _ in range(PORTS.stop - PORTS.start):
            port = next(_CANDIDATES)
            try:
                socket.create_server(("127.0.0.1", port)).close()
                return port
            except OSError:
                continue
    raise ProxyFailed(f"No port from {PORTS.start} to {PORTS.stop - 1} is free.")


def _candidates() -> Iterator[int]:
    """Every port, over and over, so that one just given away is not given again at once."""
    ports = len(PORTS)
    first = os.getpid() * 97 % ports
    return (PORTS[(first + n) % ports] for n in itertools.count())


_LOOKING = threading.Lock()
_CANDIDATES = _candidates()
