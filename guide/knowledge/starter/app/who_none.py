"""Who asks: anybody, as one user. For your own machine only; put a check of yours here before others can reach it."""

from __future__ import annotations

import ipaddress
import os
import sys

from starlette.requests import HTTPConnection
from starlette.responses import Response


def user(asker: HTTPConnection, token: str = "") -> str:
    """The user's id; "" for somebody unknown, who is refused. A run belongs to the user who started it."""
    return "anybody"


def welcome(asker: HTTPConnection, page: Response) -> None:
    """The page goes out."""


def at_start(host: str, port: int) -> None:
    """The server is about to listen: to others only where that is meant."""
    try:
        own = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        own = False
    if not own and os.environ.get("ALLOW_ANYBODY") != "1":
        sys.exit(f"Nobody is asked who they are, so {host} is refused: fill app/who.py, or set ALLOW_ANYBODY=1.")
