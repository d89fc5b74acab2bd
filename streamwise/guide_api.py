"""The guide as JSON under /api/guide, its OpenAPI document, and the texts that agents look for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from pydantic import Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from demos.connections.responses import client
from demos.protocol.errors import Refusal, invalid
from demos.routes import NotFound
from demos.server.endpoints import body, endpoint
from guide.agents import texts
from guide.agents.advisor import AdvisorError
from guide.agents.replies import Reply
from guide.model import Word
from streamwise.advice import Advice
from streamwise.openapi import document

PREFIX = "/api/guide"
FRESH = {"Cache-Control": "no-store"}
B = TypeVar("B", bound=Word)


class DecideBody(Word):
    """What `decide` takes."""

    answers: dict[str, str | list[str]] = Field(description="question id to answer id, or a list of them")
    chosen: str = Field(default="", description="a transport that needs and settings shall be about instead")


class FilesBody(Word):
    """What `files` takes."""

    answers: dict[str, str | list[str]] = Field(description="question id to answer id, or a list of them")
    name: str = Field(default="", description="of the file whose text is wanted; without it the list")
    transport: str = Field(default="", description="what is taken where the verdict is level")


class GuideApi:
    """Endpoints over one advisor. No cookie, no state."""

    def __init__(self, advice: Advice, base: str = "") -> None:
        """`base`: the path in front of every other of the app, without a slash at its ends."""
        self._advice, self._base = advice, f"/{base}" if base else ""

    def routes(self) -> list[BaseRoute]:
        here = f"{self._base}{PREFIX}"
        found: list[BaseRoute] = [
            Route(f"{here}/questions", endpoint(self.questions), methods=["GET"]),
            Route(f"{here}/decide", endpoint(self.decide), methods=["POST"]),
            Route(f"{here}/entries/{{id}}", endpoint(self.explain), methods=["GET"]),
            Route(f"{here}/search", endpoint(self.search), methods=["GET"]),
            Route(f"{here}/files", endpoint(self.files), methods=["POST"]),
            Route(f"{here}/openapi.json", endpoint(self.openapi), methods=["GET"]),
        ]
        found.append(Route(f"{here}/{{path:path}}", NotFound(tuple(found))))
        found += [Route(f"{self._base}/{name}", endpoint(self._text(name)), methods=["GET"]) for name in texts.FILES]
        return found

    async def questions(self, request: Request) -> Response:
        detail = request.query_params.get("detail", "")
        return await self._reply(request, lambda: self._advice.advisor.list_questions(detail))

    async def decide(self, request: Request) -> Response:
        given = await self._given(request, DecideBody)
        return await self._reply(request, lambda: self._advice.advisor.decide(given.answers, given.chosen))

    async def explain(self, request: Request) -> Response:
        id = request.path_params["id"]
        return await self._reply(request, lambda: self._advice.advisor.explain(id), wrong=404)

    async def search(self, request: Request) -> Response:
        asked = request.query_params
        query, kind, limit = asked.get("q", ""), asked.get("kind", ""), _whole("limit", asked.get("limit", "5"))
        return await self._reply(request, lambda: self._advice.advisor.search(query, limit, kind))

    async def files(self, request: Request) -> Response:
        given = await self._given(request, FilesBody)
        advisor = self._advice.advisor
        return await self._reply(request, lambda: advisor.get_files(given.answers, given.name, given.transport))

    async def openapi(self, request: Request) -> Response:
        return JSONResponse(document(f"{self._base}{PREFIX}", DecideBody, FilesBody), headers=FRESH)

    def _text(self, name: str) -> Callable[[Request], Awaitable[Response]]:
        async def text(request: Request) -> Response:
            return PlainTextResponse(texts.FILES[name](self._advice.advisor.book), media_type="text/plain")

        return text

    async def _given(self, request: Request, kind: type[B]) -> B:
        """The request's body. Raises Refusal: what is wrong in it, and where."""
        try:
            return kind.model_validate(await body(request, self._advice.limits))
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])[:100]
            allowed = ", ".join(kind.model_fields)
            raise invalid(f"{place}: {first['msg']}. Allowed: an object with {allowed}.") from None

    async def _reply(self, request: Request, make: Callable[[], Reply], wrong: int = 422) -> Response:
        with self._advice.share.hold(client(request)):
            try:
                reply = await self._advice.run(make)
            except AdvisorError as error:
                raise Refusal(wrong, "invalid_argument", str(error)) from None
        return JSONResponse(reply.model_dump(mode="json"), headers=FRESH)


def _whole(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise invalid(f"{name} is {text[:40]!r}. Allowed: a whole number.")
    return int(text)
