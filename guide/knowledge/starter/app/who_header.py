"""Who asks: the holder of a token in the Authorization header. Check your tokens here, and return your user's id."""

from __future__ import annotations

import os
import secrets

from starlette.requests import HTTPConnection
from starlette.responses import Response

TOKENS = dict(pair.split(":", 1) for pair in os.environ.get("TOKENS", "").split(",") if ":" in pair)
"""From TOKENS=alice:SECRET,bob:SECRET; without it one is made at each start."""


def user(asker: HTTPConnection, token: str = "") -> str:
    """The user's id; "" for somebody unknown, who is refused. `token`: where a header cannot carry it."""
    given = (token or asker.headers.get("authorization", "").removeprefix("Bearer ")).encode()
    return next((name for name, secret in TOKENS.items() if secrets.compare_digest(secret.encode(), given)), "")


def welcome(asker: HTTPConnection, page: Response) -> None:
    """The page goes out; it takes its token from the address."""


def at_start(host: str, port: int) -> None:
    """The server is about to listen."""
    if not TOKENS:
        TOKENS["you"] = secrets.token_urlsafe(16)
        print(f"Open http://{host}:{port}/#token={TOKENS['you']}", flush=True)
