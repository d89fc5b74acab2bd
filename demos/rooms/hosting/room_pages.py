"""The room's plain pages: /r/CODE for phones, /r/CODE/wall, /r/CODE/lead. No Streamlit, no inline script, no cookie."""

from __future__ import annotations

import functools
import gzip
import html
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from demos.connections.first_pages import takes_gzip
from demos.connections.responses import client
from demos.protocol.errors import Refusal
from demos.rooms.hosting.registry import Rooms
from demos.rooms.rounds import ROUNDS
from demos.server.browser_modules import modules_path
from guide.book import book

FOLDER = Path(__file__).parents[2] / "browser" / "room"
Name = Literal["phone", "wall", "lead"]
_CODE = re.compile(r"[0-9A-Za-z]{1,12}")


@functools.cache
def _words() -> str:
    """All words of rooms, as JSON that can end no script element."""
    words = {key: text for key, text in book().words.items() if key.startswith("room.")}
    return json.dumps(words, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


@functools.cache
def _template(name: Name) -> str:
    return (FOLDER / f"{name}.html").read_text(encoding="utf-8")


def filled(name: Name, modules: str, api: str, about: Mapping[str, Any]) -> str:
    """A page's HTML. `modules` and `api`: where these are, seen from the page; `about`: the room, with its `code`."""
    parts = {
        "modules": modules,
        "api": api,
        "words": _words(),
        "code": about["code"],
        "about": json.dumps(about),
        "waiting": html.escape(book().words["room.waiting"]),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], _template(name))


def policy(host: str) -> str:
    """Content policy of a room's page, for the Host that it was asked for by."""
    sockets = f" ws://{host} wss://{host}" if host and not host.startswith("[") else ""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        f"connect-src 'self'{sockets}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


class RoomPages:
    """Pages of rooms."""

    def __init__(self, rooms: Rooms, base: str = "") -> None:
        """`base`: the path in front of every other of the app, without a slash at its ends."""
        self._rooms, self._base = rooms, f"/{base}" if base else ""

    def routes(self) -> list[BaseRoute]:
        found: list[BaseRoute] = []
        for letter in ("r", "R"):  # a QR in capitals has larger squares
            begins = f"{self._base}/{letter}"
            found += [
                Route(f"{begins}/{{code}}", self.phone, methods=["GET"]),
                Route(f"{begins}/{{code}}/wall", self.wall, methods=["GET"]),
                Route(f"{begins}/{{code}}/lead", self.lead, methods=["GET"]),
                Route(begins, self.phone, methods=["GET"]),
            ]
        return found

    async def phone(self, request: Request) -> Response:
        return self._page("phone", request, up="../")

    async def wall(self, request: Request) -> Response:
        return self._page("wall", request, up="../../")

    async def lead(self, request: Request) -> Response:
        return self._page("lead", request, up="../../")

    def _page(self, name: Name, request: Request, up: str) -> Response:
        """A page with its words. Where there is no such room, the phone's page asks for the code (404)."""
        given = request.path_params.get("code", "")
        code, status = (given.upper() if _CODE.fullmatch(given) else ""), 200
        if not given:
            up = "./"
        else:
            try:
                self._rooms.find(code, client(request))
            except Refusal as refusal:
                name, status = "phone", refusal.status
        about = {
            "code": code,
            "found": status == 200 and bool(code),
            "rounds": {id: {"own": kind.own, "choices": kind.choices} for id, kind in ROUNDS.items()},
        }
        text = filled(name, f"{up}api/{modules_path()}", f"{up}api", about)
        host = Headers(scope=request.scope).get("host", "").lower()
        headers = {"Content-Security-Policy": policy(host), "Cache-Control": "no-cache", "X-Frame-Options": "DENY"}
        headers["Vary"] = "Accept-Encoding"
        if not takes_gzip(request.headers.get("accept-encoding", "")):
            return Response(text, status, headers, "text/html")
        return Response(gzip.compress(text.encode(), 6), status, headers | {"Content-Encoding": "gzip"}, "text/html")
