"""JSON endpoints over plain HTTP: health, metrics, threads, commands, state, cancel."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from demos.connections.access import refused
from demos.connections.responses import caller, client
from demos.limits import Limits
from demos.protocol.errors import Refusal, body_too_large, body_too_slow, invalid
from demos.server.backend import Backend
from demos.server.browser_modules import modules_path

Endpoint = Callable[[Request], Awaitable[Response]]


def endpoint(call: Endpoint) -> Endpoint:
    """Wrap an endpoint so that a Refusal becomes an HTTP response."""

    async def answered(request: Request) -> Response:
        try:
            return await call(request)
        except Refusal as refusal:
            # The rest of a late body would be read as the next request.
            return refused(refusal, {"Connection": "close"} if refusal.status == 408 else None)
        except ClientDisconnect:
            return Response(status_code=499)

    return answered


async def body(request: Request, limits: Limits, most: int | None = None) -> dict[str, Any]:
    """Read the request's JSON object; an empty body is an empty object.

    Raises:
        Refusal: not JSON, or not an object; or as `raw_body` does.
    """
    raw = await raw_body(request, limits, most)
    try:
        found = json.loads(raw or b"{}")
    except (ValueError, RecursionError) as error:
        raise invalid(f"The body is not JSON: {error}.") from None
    if b"\\ud" in raw.lower() and not _can_be_sent(found):
        raise invalid("The body has half of a character (a lone surrogate). Allowed: whole ones.")
    if not isinstance(found, dict):
        raise invalid(f"The body is a JSON {type(found).__name__}. Allowed: an object.")
    return found


def _can_be_sent(found: object) -> bool:
    """Whether what was read can be written again, in an error for example."""
    try:
        json.dumps(found, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


async def raw_body(request: Request, limits: Limits, most: int | None = None) -> bytes:
    """Read the body, at most `most` bytes; the default is the limit of a command.

    Raises:
        Refusal: it is larger, or took too long to come.
    """
    raw, most = bytearray(), most or limits.command_bytes
    try:
        async with asyncio.timeout(limits.body_seconds):
            async for chunk in request.stream():
                raw += chunk
                if len(raw) > most:
                    raise body_too_large(most)
    except TimeoutError:
        raise body_too_slow(limits.body_seconds) from None
    return bytes(raw)


def request_bytes(request: Request, body: bytes) -> int:
    """Size of the request in HTTP/1.1, in bytes: request line, header lines, empty line, body."""
    query = request.scope["query_string"]
    target = len(request.scope["raw_path"]) + (len(query) + 1 if query else 0)
    head = len(f"{request.method}  HTTP/1.1\r\n") + target
    return head + sum(len(name) + len(value) + len(": \r\n") for name, value in request.headers.raw) + 2 + len(body)


class Endpoints:
    """Endpoints that answer at once, without a stream."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def routes(self) -> list[BaseRoute]:
        table: list[tuple[str, str, Endpoint]] = [
            ("GET", "/health", self.health),
            ("GET", "/blank", self.blank),
            ("GET", "/metrics", self.metrics),
            ("POST", "/threads", self.make_thread),
            ("GET", "/threads/{thread_id}", self.thread),
            ("POST", "/threads/{thread_id}/commands", self.command),
            ("GET", "/threads/{thread_id}/state", self.state),
            ("POST", "/threads/{thread_id}/runs/{run_id}/cancel", self.cancel),
        ]
        return [Route(path, endpoint(call), methods=[method]) for method, path, call in table]

    async def health(self, request: Request) -> Response:
        """Return the status, the model's name, and the path below /api of the lab's browser scripts.

        503 where a balancer should send nobody now.
        """
        problem = self._backend.sharing.problem
        known = {"status": problem or "ok", "model": self._backend.model_name, "modules": modules_path()}
        return JSONResponse(known, status_code=503 if problem else 200)

    async def blank(self, request: Request) -> Response:
        """An empty page of this server, for the scripts of a measurement: what is no page may load nothing."""
        return HTMLResponse("<!doctype html><html lang='en'><title>Streamwise</title></html>")

    async def metrics(self, request: Request) -> Response:
        """Metrics for Prometheus. Imported here to keep the start of the app fast."""
        from demos.server.metrics import text

        content, content_type = text(self._backend, request.headers.get("accept", ""))
        return Response(content, media_type=None, headers={"Content-Type": content_type})

    async def make_thread(self, request: Request) -> Response:
        """Make a thread, or find the one with this id. Only who makes it is told its key."""
        given = await body(request, self._backend.limits)
        thread, is_new = await self._backend.sharing.make(given.get("thread_id"), client(request))
        return self._about(thread.id, {"key": thread.key} if is_new else {})

    async def thread(self, request: Request) -> Response:
        await self._backend.sharing.prepare(request.path_params["thread_id"])
        return self._about(request.path_params["thread_id"])

    def _about(self, thread_id: str, more: Mapping[str, Any] | None = None) -> Response:
        thread = self._backend.threads.get(thread_id)
        about = {
            "thread_id": thread.id,
            "status": thread.status,
            "metadata": {},
            "values": thread.values,
            "interrupts": {},
        }
        return JSONResponse(about | dict(more or {}))

    async def command(self, request: Request) -> Response:
        commands = self._backend.commands
        raw = await raw_body(request, self._backend.limits)
        frame = commands.parse(raw)
        reply = await self._backend.sharing.obey(request.path_params["thread_id"], frame, caller(request))
        # A page cannot see the size of its request's header, so the reply contains it.
        reply["meta"] = {**reply.get("meta", {}), "request_bytes": request_bytes(request, raw)}
        return JSONResponse(reply)

    async def state(self, request: Request) -> Response:
        await self._backend.sharing.prepare(request.path_params["thread_id"])
        return JSONResponse(self._backend.threads.state(request.path_params["thread_id"]))

    async def cancel(self, request: Request) -> Response:
        at = request.path_params
        await self._backend.sharing.stop(at["thread_id"], at["run_id"], caller(request))
        return Response(status_code=204)
