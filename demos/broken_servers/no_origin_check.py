"""Naive server that does not check Origin, and a page of another site that calls it.

/traps/unchecked/traps/answers/...   as /traps/answers/..., for pages of any origin: the door of a child lets them pass
GET /traps/unchecked/frame           the other site's page, when this server is called by another name than the lab's
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
        Route(f"{UNCHECKED}frame", endpoint(frame), methods=["GET"]),
        Mount(UNCHECKED, routes=NaiveServer(backend).routes()),
    ]


async def frame(request: Request) -> Response:
    """A page that another site may frame, and that may call whom it likes: it plays that site."""
    policy = "default-src 'none'; script-src 'unsafe-inline'; connect-src *"
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": policy}
    return HTMLResponse(FRAME.read_text(encoding="utf-8"), headers=headers)
