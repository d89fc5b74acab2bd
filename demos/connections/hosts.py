"""Checks by which host names this server may be called, and which origins may use it. Pure functions.

Origin keeps other sites' pages out (https://www.rfc-editor.org/rfc/rfc6455#section-10.2), except with DNS rebinding: a
page whose own name points to this machine after loading has the same Origin and Host. So Host must be a name that a
stranger cannot redirect: an address, localhost, this machine's own name, or an explicitly allowed name.
"""

from __future__ import annotations

import ipaddress
import os
import re
import socket
from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

VARIABLE = "STREAMWISE_ALLOWED_HOSTS"
PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(:[0-9]{1,5})?")


def allowed_hosts(environment: Mapping[str, str] = os.environ) -> frozenset[str]:
    """Read further names of this server, a comma-separated list of `host[:port]`; for example a proxy's public name.

    Raises:
        ValueError: one of them is no such name, and would let nobody in.
    """
    given = [one.strip() for one in environment.get(VARIABLE, "").split(",") if one.strip()]
    names = [one.lower().removeprefix("https://").removeprefix("http://").rstrip("/") for one in given]
    for name, written in zip(names, given, strict=True):
        if not _NAME.fullmatch(name) or _name(name) is None:
            raise ValueError(f"{VARIABLE} holds {written!r:.100}. Allowed: host or host:port, with commas between")
    return frozenset(names)


def own_names(name: str | None = None) -> frozenset[str]:
    """Return this machine's own name, bare and with the suffix `.local`."""
    bare = (socket.gethostname() if name is None else name).lower().removesuffix(".local")
    return frozenset((bare, f"{bare}.local"))


def host_allowed(host: str | None, allowed: Collection[str], own: Collection[str]) -> bool:
    """Whether `host` is an allowed Host header. It may be missing: programs may omit it, browsers never do."""
    if host is None:
        return True
    host = host.lower()
    name = _name(host)
    if name is None:
        return False
    return name == "localhost" or name.endswith(".localhost") or name in own or {host, name} & set(allowed) != set()


def is_loopback(host: str) -> bool:
    """Whether a Host header names this machine for itself only: loopback, or a name that browsers resolve to it."""
    name = (urlsplit(f"//{host.lower()}").hostname or "") if _name(host) is not None else ""
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def _name(host: str) -> str | None:
    """Return the name without its port; `localhost` for an IP address, as DNS cannot redirect it. None if invalid."""
    if not _NAME.fullmatch(host.lower()):  # what urlsplit lets pass would end up in a header of ours
        return None
    try:
        parts = urlsplit(f"//{host}")
        name = parts.hostname
        parts.port  # noqa: B018  # raises ValueError for an invalid port
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
    """Whether a page from `origin` may use this server; `host` is the request's Host header."""
    if origin is None:
        return True
    try:
        parts = urlsplit(origin.lower())
    except ValueError:  # such as an address that opens a bracket and does not close it
        return False
    if not parts.netloc or parts.scheme not in PORTS:
        return False  # "null": a sandboxed frame, a file
    port = PORTS[parts.scheme]
    names = {parts.netloc, parts.netloc.removesuffix(f":{port}"), f"{parts.netloc}:{port}"}
    return host.lower() in names or bool(names & set(allowed))
