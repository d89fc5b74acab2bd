"""JSON endpoints and control streams of rooms, below /api/rooms. Keys come in the Authorization header."""

from __future__ import annotations

import asyncio
import hmac
import json
import re
from collections.abc import AsyncGenerator
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from demos.connections.local_address import is_local
from demos.connections.responses import HEADERS, client
from demos.protocol import sse
from demos.protocol.errors import Refusal, invalid
from demos.rooms.hosting.conductor import Conductor
from demos.rooms.hosting.control_stream import ControlStream
from demos.rooms.hosting.links import Link
from demos.rooms.hosting.registry import PASSWORD, Rooms
from demos.rooms.qr import svg_file
from demos.rooms.questionnaire import described
from demos.rooms.rounds import questions_of
from demos.rooms.states import Role
from demos.server.endpoints import Endpoint, body, endpoint
from demos.threads.callers import key_from

PING_S = 5.0
SCREENS_S = 0.1
"""Wall and lead are told ten times a second at most."""
TICKS, TICK_S = 5, 0.2
FORMATS = ("json", "md", "html", "pdf")
_BROWSER = re.compile(r"[A-Za-z0-9 ]{0,20}")


class RoomEndpoints:
    """Endpoints of all rooms."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._limits = rooms.backend.limits

    def routes(self) -> list[BaseRoute]:
        table: list[tuple[str, str, Endpoint]] = [
            ("POST", "/rooms", self.open),
            ("POST", "/rooms/{code}/join", self.join),
            ("GET", "/rooms/{code}/events", self.events),
            ("GET", "/rooms/{code}/state", self.state),
            ("POST", "/rooms/{code}/say", self.say),
            ("POST", "/rooms/{code}/do", self.do),
            ("GET", "/rooms/{code}/questions", self.questions),
            ("GET", "/rooms/{code}/ticks", self.ticks),
            ("GET", "/rooms/{code}/qr.svg", self.qr),
            ("GET", "/rooms/{code}/report.{format}", self.report),
        ]
        return [Route(path, endpoint(call), methods=[method]) for method, path, call in table]

    async def open(self, request: Request) -> Response:
        near = is_local(client(request))
        if not near and not self._knows_password(request):
            why = f"Only a browser on the server's machine may open a room, or who knows the password ({PASSWORD})."
            raise Refusal(403, "not_here", why)
        given = await body(request, self._limits)
        found = self._rooms.open(given.get("agenda", "45min"), near, given.get("answers"))
        keys = {"code": found.room.code, "secret": found.keys.secret, "view": found.keys.view}
        return JSONResponse(keys, 201, {"Cache-Control": "no-store"})

    async def join(self, request: Request) -> Response:
        found = self._found(request)
        given = await body(request, self._limits, self._limits.room_bytes)
        kind, browser, key = given.get("kind", "laptop"), given.get("browser", ""), given.get("key")
        if kind not in ("phone", "laptop"):
            raise invalid(f"kind is {kind!r:.40}. Allowed: phone, laptop.")
        if not isinstance(browser, str) or not _BROWSER.fullmatch(browser):
            raise invalid("browser must be a name: up to 20 letters, digits and blanks.")
        simulated = given.get("simulated") is True
        if simulated and not is_local(client(request)):
            raise Refusal(403, "not_here", "Only this machine may add simulated people.")

        def new() -> Any:
            self._rooms.admit_join(client(request))
            return found.room.join(kind, browser, simulated, asyncio.get_running_loop().time())

        key, person = found.join(key if isinstance(key, str) else None, new)
        return JSONResponse({"key": key, "number": person.number}, headers={"Cache-Control": "no-store"})

    async def state(self, request: Request) -> Response:
        """The newest state, for pages that ask again and again since something holds streams back."""
        found, role, number = self._who(request)
        found.seen(role, number)
        return JSONResponse(found.state(role, number), headers={"Cache-Control": "no-store"})

    async def events(self, request: Request) -> Response:
        """Control stream: the newest state whenever it has changed; a page that was away misses nothing."""
        found, role, number = self._who(request)
        if found.links_of(role, number) >= self._limits.room_links * (1 if role == "attendee" else 4):
            raise Refusal(429, "too_many_links", "This page is open too often. Close it in other tabs.", retry_s=5)
        return ControlStream(_states(found, role, number), self._limits, HEADERS)

    async def say(self, request: Request) -> Response:
        found, role, number = self._who(request)
        if role != "attendee" or number is None:
            raise Refusal(403, "not_an_attendee", "Only somebody who has joined may say something.")
        self._rooms.admit_said(f"{found.room.code} {number}")
        given = await body(request, self._limits, self._limits.room_bytes)
        self._who(request)  # who was removed while it came is refused
        found.say(number, given)
        return JSONResponse({"ok": True})

    async def do(self, request: Request) -> Response:
        """What the lead does. `turn`: that of the state that the lead saw, so that two clicks are one."""
        found, role, _ = self._who(request)
        if role != "lead":
            raise Refusal(403, "not_the_lead", "Only the lead may do this: it needs the secret of the room.")
        given = await body(request, self._limits)
        what, turn = given.get("what"), given.get("turn")
        if turn != found.room.turn:
            raise Refusal(409, "stale_turn", "The room has moved on since you pressed. Look at it again.")
        if not isinstance(what, str):
            raise invalid("what is missing.")
        found.do(what, given)
        return JSONResponse({"ok": True, "turn": found.room.turn})

    async def questions(self, request: Request) -> Response:
        found, _, _ = self._who(request)
        return JSONResponse({"questions": described(questions_of(found.room.step))})

    async def ticks(self, request: Request) -> Response:
        """Five events, evenly spaced: where they come in one lump, something in the path holds streams back."""
        found = self._found(request)
        found.keys.role(request.query_params.get("as"))
        return ControlStream(_ticks(), self._limits, HEADERS)

    async def qr(self, request: Request) -> Response:
        """The join address as a QR code. `?address=N`: another of this machine's addresses, from 0."""
        found = self._found(request)
        asked = request.query_params.get("address", "0")
        addresses = found.addresses
        if not asked.isascii() or not asked.isdigit() or len(asked) > 3 or int(asked) >= len(addresses):
            raise invalid(f"address is {asked!r:.20}. Allowed: a whole number below {len(addresses)}.")
        drawn = svg_file(addresses[int(asked)])
        return Response(drawn, media_type="image/svg+xml", headers={"Cache-Control": "no-cache"})

    async def report(self, request: Request) -> Response:
        found, role, _ = self._who(request)
        if role != "lead":
            raise Refusal(403, "not_the_lead", "Only the lead may have the report: it needs the secret of the room.")
        format, render = request.path_params["format"], self._rooms.render
        summary = found.summary()
        if format == "json" and render is None:
            return JSONResponse(summary, headers={"Cache-Control": "no-store"})
        if format not in FORMATS or render is None:
            raise invalid(
                f"There is no report as {format!r:.20} here. Allowed: {', '.join(FORMATS if render else ('json',))}."
            )
        content, mime = await asyncio.to_thread(render, summary, format)
        return Response(content, media_type=mime, headers={"Cache-Control": "no-store"})

    def _knows_password(self, request: Request) -> bool:
        wanted, given = self._rooms.password, key_from(request.headers.get("authorization")) or ""
        return bool(wanted) and hmac.compare_digest(wanted.encode(), given.encode(errors="surrogatepass"))

    def _found(self, request: Request) -> Conductor:
        return self._rooms.find(request.path_params["code"], client(request))

    def _who(self, request: Request) -> tuple[Conductor, Role, int | None]:
        found = self._found(request)
        return found, *found.keys.role(key_from(request.headers.get("authorization")))


async def _states(found: Conductor, role: Role, number: int | None) -> AsyncGenerator[bytes, None]:
    """The newest state whenever it has changed, a ping when it has not; ends with the room, or with the person."""
    last: dict[str, Any] = {}
    with found.link(role, number) as link:
        while not link.is_cut and (number is None or number in found.room.people):
            link.news.clear()
            told = found.state(role, number)
            if {**told, "version": 0, "left_s": 0} != {**last, "version": 0, "left_s": 0}:
                last = told
                yield sse.encode(json.dumps(told), event="state", id=str(told["version"]))
            if role != "attendee":
                await asyncio.sleep(SCREENS_S)
            if not await _news(link):
                yield sse.encode("{}", event="ping")


async def _news(link: Link) -> bool:
    try:
        async with asyncio.timeout(PING_S):
            await link.news.wait()
        return True
    except TimeoutError:
        return False


async def _ticks() -> AsyncGenerator[bytes, None]:
    for n in range(TICKS):
        yield sse.encode(str(n), event="tick")
        await asyncio.sleep(TICK_S)
