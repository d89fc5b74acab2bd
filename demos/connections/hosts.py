"""Checks by which host names this server may be called, and which origins may use it. Pure functions.

Origin keeps other sites' pages out (https://www.rfc-editor.org/rfc/rfc6455#section-10.2). It cannot tell a page whose
own name was pointed at this machine after it was loaded (DNS rebinding): there Origin and Host agree. So Host must be
a name that no stranger can point anywhere: an address, localhost, this machine's own name, or one that was allowed.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

VARIABLE = "STREAMWISE_ALLOWED_HOSTS"
PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


def allowed_hosts(environment: Mapping[str, str] = os.environ) -> frozenset[str]:
    """Further names of this server, as `host[:port]` with commas between: a proxy's public name, for example."""
    given = environment.get(VARIABLE, "").split(",")
    return frozenset(
        one.strip().lower().removeprefix("https://").removeprefix("http://").rstrip("/") for one in given if one.strip()
    )


def own_names(name: str | None = None) -> frozenset[str]:
    """This machine's own name, bare and as its local network knows it."""
    bare = (socket.gethostname() if name is None else name).lower().removesuffix(".local")
    return frozenset((bare, f"{bare}.local"))


def host_allowed(host: str | None, allowed: Collection[str], own: Collection[str]) -> bool:
    """Whether a request may call this server `host`. Programs may leave it out; no browser does."""
    if host is None:
        return True
    host = host.lower()
    name = _name(host)
    if name is None:
        return False
    return name == "localhost" or name.endswith(".localhost") or name in own or {host, name} & set(allowed) != set()


def _name(host: str) -> str | None:
    """The name without its port; `localhost` for any address, which nobody can point elsewhere. None: not a name."""
    try:
        parts = urlsplit(f"//{host}")
        name = parts.hostname
        parts.port  # noqa: B018  # raises where the port is none
    except ValueError:
        return None
    if not name or parts.path or parts.query or parts.fragment or parts.username is not None:
        return None
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name.removesuffix(".")
    return "localhost"


def origin_allowed(origin: str | None, host: str, allowed: Collection[str]) -> bool:
    """Whether a page from `origin` may use this server, which the request calls `host`."""
    if origin is None:
        return True
    try:
        parts = urlsplit(origin.lower())
    except ValueError:  # such as an address that opens a bracket and does not close it
        return False
    if not parts.netloc:
        return False  # "null": a sandboxed frame, a file
    port = PORTS.get(parts.scheme)
    names = {parts.netloc, parts.netloc.removesuffix(f":{port}"), f"{parts.netloc}:{port}"}
    return host.lower() in names or bool(names & set(allowed))
