"""The plain HTTP endpoints: threads, commands, state, stopping, dropping, measuring, evidence. JSON in, JSON out."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from demos import evidence, faults, payload
from demos.backend import Backend
from demos.gate import refused
from demos.lines import Cut
from demos.measure import Receipt, measure
from demos.refusal import Refusal, invalid
from demos.settings import MAX_PAYLOAD_BYTES
from guide.model import Measurement

MOST_FAULTS = 20

Endpoint = Callable[[Request], Awaitable[Response]]


class Receipts(BaseModel):
    """What the page posts after a run."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    thread_id: str | None = Field(default=None, max_length=60)
    receipts: tuple[Receipt, ...] = Field(min_length=1, max_length=50)
    scenario: str = Field(default="lab", min_length=1, max_length=60)
    title: str = Field(default="A run in the lab", min_length=1, max_length=200)
    how: str = Field(default="One run, watched in a browser.", min_length=1, max_length=1000)
    browser: str = Field(default="", max_length=200)


def endpoint(call: Endpoint) -> Endpoint:
    """An endpoint whose refusals become answers."""

    async def answered(request: Request) -> Response:
        try:
            return await call(request)
        except Refusal as refusal:
            return refused(refusal)
        except ClientDisconnect:
            return Response(status_code=499)

    return answered


async def body(request: Request, limit: int) -> dict[str, Any]:
    """The request's JSON object; an empty body is an empty object.

    Raises:
        Refusal: larger than `limit` bytes, not JSON, or not an object.
    """
    raw = await raw_body(request, limit)
    try:
        found = json.loads(raw or b"{}")
    except (ValueError, RecursionError) as error:
        raise invalid(f"The body is not JSON: {error}.") from None
    if not isinstance(found, dict):
        raise invalid(f"The body is a JSON {type(found).__name__}. Allowed: an object.")
    return found


async def raw_body(request: Request, limit: int) -> bytes:
    """The body, never holding more than `limit` bytes."""
    raw = b""
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > limit:
            raise Refusal(413, "too_large", f"The body is larger than {limit} bytes, the limit here.")
    return raw


class Rest:
    """Endpoints that answer at once."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def routes(self) -> list[BaseRoute]:
        table: list[tuple[str, str, Endpoint]] = [
            ("GET", "/health", self.health),
            ("GET", "/metrics", self.metrics),
            ("GET", "/payload", self.payload),
            ("POST", "/threads", self.make_thread),
            ("GET", "/threads/{thread_id}", self.thread),
            ("POST", "/threads/{thread_id}/commands", self.command),
            ("GET", "/threads/{thread_id}/state", self.state),
            ("POST", "/threads/{thread_id}/runs/{run_id}/cancel", self.cancel),
            ("POST", "/threads/{thread_id}/drop", self.drop),
            ("POST", "/threads/{thread_id}/faults", self.faults),
            ("POST", "/measure", self.measure),
            ("POST", "/evidence", self.keep),
            ("GET", "/evidence/{id}", self.evidence),
        ]
        return [Route(path, endpoint(call), methods=[method]) for method, path, call in table]

    async def health(self, request: Request) -> Response:
        return JSONResponse({"status": "ok", "model": self._backend.model_name})

    async def metrics(self, request: Request) -> Response:
        """For Prometheus. Imported here: nobody who starts the app waits for it."""
        from demos.metrics import text

        content, content_type = text(self._backend, request.headers.get("accept", ""))
        return Response(content, media_type=None, headers={"Content-Type": content_type})

    async def payload(self, request: Request) -> Response:
        """Something large, apart from every stream: `?bytes=` of text."""
        asked = request.query_params.get("bytes", "")
        whole = asked.isascii() and asked.isdigit() and len(asked) < 10
        if not whole or int(asked) > MAX_PAYLOAD_BYTES:
            raise invalid(f"bytes is {asked!r:.60}. Allowed: a whole number from 0 to {MAX_PAYLOAD_BYTES}.")
        return Response(
            payload.text(int(asked), seed=1), media_type="text/plain", headers={"Cache-Control": "no-store"}
        )

    async def make_thread(self, request: Request) -> Response:
        given = await body(request, self._backend.limits.command_bytes)
        return self._about(self._backend.threads.make(given.get("thread_id")).id)

    async def thread(self, request: Request) -> Response:
        return self._about(request.path_params["thread_id"])

    def _about(self, thread_id: str) -> Response:
        thread = self._backend.threads.get(thread_id)
        about = {
            "thread_id": thread.id,
            "status": thread.status,
            "metadata": {},
            "values": thread.values,
            "interrupts": {},
        }
        return JSONResponse(about)

    async def command(self, request: Request) -> Response:
        commands = self._backend.commands
        frame = commands.parse(await raw_body(request, self._backend.limits.command_bytes))
        return JSONResponse(commands.obey(request.path_params["thread_id"], frame))

    async def state(self, request: Request) -> Response:
        return JSONResponse(self._backend.threads.state(request.path_params["thread_id"]))

    async def cancel(self, request: Request) -> Response:
        thread = self._backend.threads.get(request.path_params["thread_id"])
        thread.find(request.path_params["run_id"]).stop()
        return Response(status_code=204)

    async def drop(self, request: Request) -> Response:
        """A fault at the endpoint: cut every stream of a thread, so that people can watch who comes back."""
        thread = self._backend.threads.get(request.path_params["thread_id"])
        how = (await body(request, self._backend.limits.command_bytes)).get("how", "reset")
        if how not in (Cut.CLEAN, Cut.RESET):
            raise invalid(f"how is {how!r:.60}. Allowed: clean, reset.")
        return JSONResponse({"dropped": self._backend.lines.drop(thread.id, Cut(how))})

    async def faults(self, request: Request) -> Response:
        """Faults at the endpoint, for streams that this thread will have: each meets the next one, or all the first."""
        thread = self._backend.threads.get(request.path_params["thread_id"])
        given = await body(request, self._backend.limits.command_bytes)
        listed = given.get("faults")
        if not isinstance(listed, list) or len(listed) > MOST_FAULTS:
            raise invalid(f"faults must be a list. Allowed in it: up to {MOST_FAULTS} faults.")
        self._backend.mischief.plan(thread.id, [faults.read(one) for one in listed], given.get("every") is True)
        return JSONResponse({"faults": len(listed)})

    async def measure(self, request: Request) -> Response:
        posted = await self._posted(request)
        return JSONResponse({"measurements": [one.model_dump() for one in self._measured(posted)]})

    async def keep(self, request: Request) -> Response:
        posted = await self._posted(request)
        measured = self._measured(posted)
        run = self._run(posted, posted.receipts[0])
        client = {"model": self._backend.model_name} | ({"browser": posted.browser} if posted.browser else {})
        peer = request.client.host if request.client else ""
        where = "" if peer in ("127.0.0.1", "::1") else "browser and server on two machines, over a network"
        seed = run.settings.pace.seed
        kept = evidence.make(posted.scenario, posted.title, posted.how, measured, seed, client=client, where=where)
        self._backend.store.keep(kept)
        return JSONResponse({"id": kept.id, "evidence": kept.model_dump(mode="json")})

    async def evidence(self, request: Request) -> Response:
        return JSONResponse(self._backend.store.find(request.path_params["id"]).model_dump(mode="json"))

    async def _posted(self, request: Request) -> Receipts:
        given = await body(request, self._backend.limits.receipt_bytes)
        try:
            posted = Receipts.model_validate(given)
            if unknown := evidence.unknown_figures(name for one in posted.receipts for name in one.figures):
                raise invalid(f"{unknown[0]!r:.60} is no figure of any scenario.")
            return posted
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise invalid(f"The receipts cannot be counted: {place}: {first['msg']}.") from None

    def _measured(self, posted: Receipts) -> list[Measurement]:
        return [measure(one, self._run(posted, one).answer if one.counted else None) for one in posted.receipts]

    def _run(self, posted: Receipts, receipt: Receipt) -> Any:
        thread_id = receipt.thread_id or posted.thread_id
        if thread_id is None:
            raise invalid("thread_id is missing: without its run, nobody can say which tokens a receipt lacks.")
        return self._backend.threads.get(thread_id).find(receipt.run_id)
