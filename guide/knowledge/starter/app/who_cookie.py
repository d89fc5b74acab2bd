"""Who asks: the holder of a session cookie. Look up your own session here, and return your user's id."""

from __future__ import annotations

import secrets

from starlette.requests import HTTPConnection
from starlette.responses import Response

COOKIE = "session"


def user(asker: HTTPConnection, token: str = "") -> str:
    """The user's id; "" for somebody unknown, who is refused. A run belongs to the user who started it."""
    return asker.cookies.get(COOKIE, "")


def welcome(asker: HTTPConnection, page: Response) -> None:
    """The page goes out: whoever has no session gets one. With a login of yours, remove this."""
    if not user(asker):
        secure = asker.headers.get("x-forwarded-proto", asker.url.scheme) == "https"
        page.set_cookie(COOKIE, secrets.token_urlsafe(32), httponly=True, samesite="lax", secure=secure)


def at_start(host: str, port: int) -> None:
    """The server is about to listen."""
