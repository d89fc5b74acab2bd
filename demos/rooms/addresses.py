"""Finds the addresses by which another device can reach this machine. Asks only the operating system; sends nothing."""

from __future__ import annotations

import ipaddress
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

ELSEWHERE = (
    (socket.AF_INET, "192.0.2.1"),
    (socket.AF_INET, "10.255.255.254"),
    (socket.AF_INET, "172.31.255.254"),
    (socket.AF_INET, "192.168.255.254"),
    (socket.AF_INET6, "2001:db8::1"),
    (socket.AF_INET6, "fd00::1"),
)
"""Addresses to ask a route to: of documents (RFC 5737, RFC 3849), and of networks without public addresses, since a
machine without a way to the internet still has a way to its own network."""
DISCARD = 9
SIOCGIFADDR = 0x8915
"""Linux's question for the address of an interface (netdevice(7))."""
AGAIN_S = 5.0
"""How long found addresses are taken for true."""
ANY, LOOPBACK = ("0.0.0.0", "::", ""), "127.0.0.1"

Route = Callable[[socket.AddressFamily, str], str | None]


def source(family: socket.AddressFamily, towards: str) -> str | None:
    """Our own address on the way to another one; None without a way. Connecting a UDP socket sends nothing."""
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((towards, DISCARD))
            return str(probe.getsockname()[0])
    except OSError:
        return None


def addresses(route: Route = source, named: Iterable[str] | None = None) -> list[str]:
    """Addresses of this machine that a phone in the same network may reach; the likeliest first, IPv4 before IPv6.

    `named`: those of the interfaces, where they are known already.
    """
    found = [route(family, towards) for family, towards in ELSEWHERE]
    found += interfaces() if named is None else named
    usable = dict.fromkeys(one for one in found if one and is_usable(one))
    return sorted(usable, key=lambda one: ":" in one)


def is_usable(address: str) -> bool:
    """Whether another device can open this address: neither loopback, nor unset, nor of one link only."""
    try:
        given = ipaddress.ip_address(address)
    except ValueError:
        return False
    return not (given.is_loopback or given.is_unspecified or given.is_multicast or given.is_link_local)


def is_beyond_loopback(host: str) -> bool:
    """Whether a server that listens on `host` can be reached from another device."""
    if host in ANY:
        return True
    try:
        return not ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() != "localhost" and not host.lower().endswith(".localhost")


def reachable(host: str, route: Route = source, named: Iterable[str] | None = None) -> list[str]:
    """Addresses of this machine at which a server that listens on `host` can be reached from another device.

    On all interfaces: each address. On one: that one. On loopback: none.
    """
    if not is_beyond_loopback(host):
        return []
    if host not in ANY:
        return [host.strip("[]")]
    found = addresses(route, named)
    return found if host == "::" else [one for one in found if ":" not in one]


def url(address: str, port: int, path: str = "") -> str:
    """The address as a browser takes it, without the port where that is the usual one."""
    shown = f"[{address}]" if ":" in address else address
    return f"http://{shown}{'' if port == 80 else f':{port}'}/{path.lstrip('/')}"


def interfaces() -> list[str]:
    """The IPv4 address of each network interface on Linux; elsewhere what this machine's name stands for."""
    if not sys.platform.startswith("linux"):
        return _named()
    import fcntl  # not on every system

    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        for _, name in socket.if_nameindex():
            request = struct.pack("256s", name.encode()[:15])
            with suppress(OSError):  # an interface without an address
                found.append(socket.inet_ntoa(fcntl.ioctl(asked.fileno(), SIOCGIFADDR, request)[20:24]))
    return found


def _named() -> list[str]:
    try:
        found = socket.getaddrinfo(socket.gethostname(), None, type=socket.SOCK_DGRAM)
    except OSError:
        return []
    return [str(one[4][0]) for one in found]


class Reachable:
    """Where phones reach a server here. Looks again after a while, as a laptop changes its network."""

    def __init__(
        self, host: str, port: int, base: str = "",
        look: Callable[[str], list[str]] = reachable, clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        """`base`: the path in front of every other of the app, without a slash at its ends."""
        self._host, self._port, self._base, self._look, self._clock = host, port, base, look, clock
        self._found, self._looked = self._urls(), clock()
        self._looking = False

    @property
    def beyond_loopback(self) -> bool:
        """Whether the server can be reached from other devices at all."""
        return is_beyond_loopback(self._host)

    def __call__(self) -> list[str]:
        """Addresses without a path, the likeliest first; on loopback: the one for this machine. Never waits."""
        if self._clock() - self._looked > AGAIN_S and not self._looking:
            self._looking = True  # in a thread, as a name may take seconds
            threading.Thread(target=self._refresh, name="addresses", daemon=True).start()
        return self._found

    def _refresh(self) -> None:
        self._found, self._looked, self._looking = self._urls(), self._clock(), False

    def _urls(self) -> list[str]:
        found = self._look(self._host) or [LOOPBACK]
        return [url(one, self._port, self._base).rstrip("/") for one in found]
