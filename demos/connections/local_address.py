"""Checks whether an address belongs to this machine. Asks only the operating system."""

from __future__ import annotations

import ipaddress
import socket


def is_local(address: str | None) -> bool:
    """Whether a socket can bind to this address. None means loopback, as in Streamlit; an invalid address is False.

    Behind a proxy on this machine, every client has the proxy's address, so a remote browser appears to be local.
    """
    if address is None:
        return True
    try:
        family = socket.AF_INET6 if ipaddress.ip_address(address).version == 6 else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((address, 0))
    except (ValueError, OSError):
        return False
    return True
