"""Runs a real proxy in front of a server of ours: starts, checks, restarts and ends it.

It runs in its own folder on loopback, from the same file that the page shows, and ends with this process.
"""

from __future__ import annotations

import http.client
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from demos.processes import supervised
from demos.processes.ports import NoFreePort, free_port
from demos.proxies import catalog as proxies
from demos.proxies.catalog import Binary
from demos.proxies.http2.certificate import trust
from guide.book.config_template import Site, render

START_S = 30.0
LOG_CHARS = 2000


class ProxyFailed(RuntimeError):
    """A proxy did not start, or is not installed. The message has the end of its log."""


@dataclass
class Proxied:
    """A proxy that is up."""

    binary: Binary
    site: Site
    log: Path
    asks: str = "/api/health"
    """Path that the server behind it answers with 200; used to check that the proxy is up."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Environment variables in addition to those of every proxy."""
    secure: bool = False
    """Whether it speaks TLS."""
    process: subprocess.Popen[bytes] | None = None

    @property
    def api(self) -> str:
        """The server's address, through the proxy."""
        return f"http://127.0.0.1:{self.site.port}{self.site.base}/api"

    def said(self) -> str:
        """Return the end of its log."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-LOG_CHARS:]

    def start(self) -> None:
        """Start it, and wait until it forwards requests.

        Raises:
            ProxyFailed: it ended, or took too long; with its output.
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
        missed = f"did not start within {START_S:g} s, by {self.asks}"
        raise ProxyFailed(f"{self.binary.title} {missed}. It said: {self.said()}")

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
        """Raise ProxyFailed with its output if it has ended by itself."""
        if self.process is not None and self.process.poll() is not None:
            raise ProxyFailed(f"{self.binary.title} ended by itself. It said: {self.said()}")

    def end(self, at_once: bool = False) -> None:
        if self.process is not None:
            supervised.stop(self.process, at_once)
            self.process = None

    def restart(self) -> None:
        """Kill and start it, as after a crash: every connection is lost.

        Raises:
            ProxyFailed: it did not start again.
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
    servers: Sequence[str] = (),
    port: int = 0,
    host: str = "127.0.0.1",
    base: str = "",
) -> Iterator[Proxied]:
    """Run a proxy while the block lasts, in front of a server on this machine that answers `asks` with 200.

    Args:
        config: `default`, `recommended`, or another file of its folder.
        idle_s: shortens every limit on silence.
        pem: a certificate with its key, for a configuration that speaks TLS.
        servers: those of a configuration for several, each as host:port.
        port: where it listens; 0: any free port.
        host: of the server behind it.
        base: the path below which it serves everything.

    Raises:
        ProxyFailed: it did not start, or ended by itself.
    """
    with tempfile.TemporaryDirectory(prefix="streamwise-") as where:
        os.chmod(where, 0o711)  # nginx started by root has workers of another user, which store large bodies there
        site = Site(port or _free_port(), upstream_port, where, upstream_host=host, servers=tuple(servers), base=base)
        log = _written(binary, config, site, idle_s)
        if pem is not None:
            Path(where, "certificate.pem").write_bytes(pem)
        variables = binary.proxy.environment if config == proxies.HTTP2 else {}
        running = Proxied(binary, site, log, asks, variables, pem is not None)
        try:
            running.start()
            yield running
            running.check()
        finally:
            running.end()


def _written(binary: Binary, config: str, site: Site, idle_s: int | None) -> Path:
    """Write the files that the proxy reads into its folder; returns the one that it will log to."""
    texts = {binary.proxy.config: proxies.template(binary.name, config)}
    if frame := proxies.frame(binary.name):
        texts[frame.name] = frame.read_text(encoding="utf-8")
    for name, text in texts.items():
        Path(site.folder, name).write_text(render(text, site, idle_s), encoding="utf-8")
    log = Path(site.folder, "log")
    log.touch()
    return log


def _free_port() -> int:
    try:
        return free_port()
    except NoFreePort as error:
        raise ProxyFailed(str(error)) from None


def _connection(port: int, secure: bool) -> http.client.HTTPConnection:
    if not secure:
        return http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    return http.client.HTTPSConnection("localhost", port, timeout=2, context=trust())
