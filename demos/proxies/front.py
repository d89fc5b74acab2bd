"""Command `python -m demos front`: runs a real proxy in front of several servers, or prints its configuration."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from demos.proxies.catalog import REPLICAS, binaries, template
from demos.proxies.running import ProxyFailed, proxied
from guide.book.config_template import BASE, Site, render

ADDRESS = re.compile(r"[0-9A-Za-z.-]{1,100}:[0-9]{1,5}")


@dataclass(frozen=True)
class Front:
    """What stands behind the proxy, each as host:port."""

    proxy: str
    port: int
    """Where it listens."""
    pages: str
    servers: tuple[str, ...]
    base: str = ""
    """Path below which everything is served, such as /streamwise."""

    def mistake(self) -> str:
        """What cannot be run; empty if all can."""
        if not BASE.fullmatch(self.base):
            return f"{self.base!r:.60} is no path. Allowed: /NAME, also /NAME/NAME"
        wrong = [each for each in (self.pages, *self.servers) if not ADDRESS.fullmatch(each)]
        return f"{wrong[0]!r:.60} is no address. Allowed: HOST:PORT" if wrong else ""


def text(front: Front) -> str:
    """The configuration, for a machine of its own: it listens on every address."""
    host, _, port = front.pages.rpartition(":")
    site = Site(front.port, int(port), "/etc/streamwise", "0.0.0.0", host, front.servers, front.base)
    return render(template(front.proxy, REPLICAS), site)


def run(front: Front) -> int:
    """Run the proxy on loopback until it is told to end. 1 if it is not here, or ended by itself."""
    here = binaries(front.proxy)
    if not here:
        print(f"{front.proxy} is not on this machine: pip install -r requirements/deploy.txt", file=sys.stderr)
        return 1
    host, _, port = front.pages.rpartition(":")
    try:
        with proxied(
            here[0],
            REPLICAS,
            int(port),
            asks=f"{front.base}/api/health",
            servers=front.servers,
            port=front.port,
            host=host,
            base=front.base,
        ) as up:
            print(
                f"{here[0].title} on http://127.0.0.1:{front.port}{front.base}, in front of {_listed(front.servers)}",
                flush=True,
            )
            assert up.process is not None
            up.process.wait()
    except ProxyFailed as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _listed(servers: Sequence[str]) -> str:
    return f"{len(servers)} servers: {', '.join(servers)}"
