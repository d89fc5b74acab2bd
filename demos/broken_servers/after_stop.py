"""Endpoint that reports what a server did after a stop, from the server's own log.

POST /traps/ledger/{thread_id} {"stopped_ms": ...}   when the stop was sent: milliseconds since 1970, of this machine
"""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from demos.protocol.errors import invalid
from demos.protocol.events import Event
from demos.server.backend import Backend
from demos.server.endpoints import body, endpoint
from demos.threads.runs import Thread


class Ledger:
    """Endpoint that reports on any thread of this process, whichever server writes to it."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def routes(self) -> list[BaseRoute]:
        return [Route("/traps/ledger/{thread_id}", endpoint(self.tell), methods=["POST"])]

    async def tell(self, request: Request) -> Response:
        thread = self._backend.threads.get(request.path_params["thread_id"])
        stopped = (await body(request, self._backend.limits)).get("stopped_ms")
        if isinstance(stopped, bool) or not isinstance(stopped, int | float) or not 0 <= stopped < 1e15:
            raise invalid(f"stopped_ms is {stopped!r:.60}. Allowed: milliseconds since 1970.")
        return JSONResponse(account(thread, stopped))


def account(thread: Thread, stopped_ms: float) -> dict[str, Any]:
    """Whether the model has stopped, how long it took, and what it made meanwhile.

    There are no figures for a model that had ended before the stop.
    """
    log = thread.log.since(0, limit=thread.log.events) if thread.log.events == thread.log.last else ()
    over = thread.status != "busy"
    ended = _timestamp(log[-1]) if log else stopped_ms
    in_time = over and ended >= stopped_ms
    return {
        "over": over,
        "made": sum(event.draft.pieces for event in log if event.draft.is_token),
        "wasted": sum(event.draft.pieces for event in log if event.draft.is_token and _timestamp(event) > stopped_ms),
        "model_stop_ms": ended - stopped_ms if in_time else None,
    }


def _timestamp(event: Event) -> int:
    """When it was written, in milliseconds since 1970."""
    written: int = json.loads(event.text)["params"]["timestamp"]
    return written
