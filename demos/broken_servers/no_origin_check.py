"""Naive server that does not check Origin, and a page of another site that calls it.

/traps/unchecked/traps/answers/...   as /traps/answers/..., for pages of any origin: the gate of a child lets them pass
GET /traps/frame                     the other site's page, when this server is called by another name than the lab's
"""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from demos.broken_servers.naive import NaiveServer
from demos.server.backend import Backend
from demos.server.endpoints import endpoint

UNCHECKED = "/traps/unchecked/"
FRAME = Path(__file__).parents[1] / "browser" / "pages" / "other_site.html"


def routes(backend: Backend) -> list[BaseRoute]:
    return [
        Mount(UNCHECKED, routes=NaiveServer(backend).routes()),
        Route("/traps/frame", endpoint(frame), methods=["GET"]),
    ]


async def frame(request: Request) -> Response:
    return HTMLResponse(FRAME.read_text(encoding="utf-8"), headers={"Cache-Control": "no-store"})
