"""Checks whether an address belongs to this machine. Asks only the operating system."""

from __future__ import annotations

import ipaddress
import socket


def is_local(address: str | None) -> bool:
    """Whether a socket could listen there. None is loopback, as Streamlit tells of it; no address at all is nobody's.

    Behind a proxy on this machine everybody has its address: then a browser far away looks near.
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
