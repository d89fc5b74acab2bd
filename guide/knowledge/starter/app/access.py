"""The door: who may ask, from which pages, for how much; and how a refusal is said."""

from __future__ import annotations

import json
import re
from typing import Annotated, Any

from fastapi import Depends, HTTPException
from fastapi.exceptions import RequestValidationError
from pydantic import BeforeValidator
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse

from app import settings, who


class Refused(Exception):
    """Why something cannot be done, as a status of HTTP and a sentence."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why


def number(position: str, epoch: str, last: int) -> int:
    """How many events were seen by whoever names this position, an id of an event; one of another log is refused."""
    if position in ("", "0"):
        return 0
    named, _, count = position.rpartition("-")
    if not re.fullmatch(r"[0-9]{1,9}", count):
        raise Refused(400, "A position is the id of an event.")
    if named != epoch or int(count) > last:
        raise Refused(409, "This position belongs to another log: the server began anew.")
    return int(count)


MOST_DEEP, MOST_ANSWER = 10, 20_000


def readable(value: Any, deep: int = 0) -> Any:
    """A value that can be kept and sent: finite numbers of 64 bits, text that is UTF-8, not too deep or long."""
    inner = (*value, *value.values()) if isinstance(value, dict) else value if isinstance(value, list) else ()
    if deep > MOST_DEEP or (isinstance(value, int) and abs(value) >= 2**63) or value is None:
        raise ValueError("too deep, too large, or null")
    if not deep and len(json.dumps(value, allow_nan=False, ensure_ascii=False).encode()) > MOST_ANSWER:
        raise ValueError(f"longer than {MOST_ANSWER}")
    for one in inner:
        if one is not None:
            readable(one, deep + 1)
    return value


Value = Annotated[Any, BeforeValidator(readable)]


async def not_understood(request: Request, error: RequestValidationError) -> JSONResponse:
    """Says what is wrong with a request, without its text, which may be what no answer can carry."""
    said = [f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors()]
    return JSONResponse({"detail": "; ".join(said).encode(errors="replace").decode()}, 422)


def user(request: Request) -> str:
    """Who asks, as app/who.py says."""
    if known := who.user(request):
        return known
    raise HTTPException(401, "Who asks? Open the page first, or send a token.")


User = Annotated[str, Depends(user)]
POLICY = b"default-src 'self'; style-src 'self' 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
HEADERS = [(b"content-security-policy", POLICY), (b"x-content-type-options", b"nosniff")]
"""On every answer: the page runs its own scripts only, and no other page frames it."""


class Door:
    """Browsers let any page send you requests, with your cookies: commands and sockets need an origin of yours."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def guarded(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *HEADERS]
            await send(message)

        refused = self._refusal(scope) if scope["type"] != "lifespan" else None
        if refused is None:
            await self._app(scope, receive, guarded)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})  # before it is accepted: the client gets HTTP 403
        else:
            await refused(scope, receive, send)

    def _refusal(self, scope: Any) -> PlainTextResponse | None:
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        if not {"*", host, host.rpartition(":")[0] or host} & set(settings.ALLOWED_HOSTS):
            return PlainTextResponse("This server does not go by that name: see ALLOWED_HOSTS.", 400)
        commands = scope["type"] == "websocket" or scope["method"] not in ("GET", "HEAD")
        own = (host, headers.get("x-forwarded-host"))  # no page of another origin can send that header unasked
        if commands and origin and origin.partition("://")[2] not in own and origin not in settings.ALLOWED_ORIGINS:
            return PlainTextResponse("A page of this origin may not do that: see ALLOWED_ORIGINS.", 403)
        if scope["type"] == "http" and commands:
            length = headers.get("content-length", "")
            if "transfer-encoding" in headers or not (length or "0").isdecimal():
                return PlainTextResponse("Say how long the body is.", 411)
            if int(length or 0) > settings.MOST_BODY:
                return PlainTextResponse(f"The body may have {settings.MOST_BODY} bytes.", 413)
        return None
