"""The guide's doors in the app: JSON under /api/guide, MCP at /mcp, and the texts for agents."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from starlette.routing import BaseRoute, Route

from demos.lab.state import shared_lab
from guide.agents.advisor import advisor_of_today
from guide.book import book
from streamwise.advice import Advice
from streamwise.guide_api import GuideApi
from streamwise.mcp_mount import McpMount

Lifespan = Callable[[object], AbstractAsyncContextManager[dict[str, Any]]]


class Doors:
    """Routes for `st.App(routes=...)`, in front of those of the demos; all belong behind the demos' door."""

    def __init__(self, base: str = "") -> None:
        """`base`: the path in front of every other of the app, without a slash at its ends."""
        advice = Advice(advisor_of_today(book()), shared_lab().backend.limits)
        self._path = f"/{base}/mcp" if base else "/mcp"
        self._api, self._mcp = GuideApi(advice, base), McpMount(advice, self._path)

    def routes(self) -> list[BaseRoute]:
        """The JSON interface, the texts and the MCP server."""
        return [*self._api.routes(), Route(self._path, self._mcp)]

    def around(self, lifespan: Lifespan) -> Lifespan:
        """A lifespan in which the MCP server can run too."""

        @asynccontextmanager
        async def both(app: object) -> AsyncIterator[dict[str, Any]]:
            async with lifespan(app) as state, self._mcp.lifespan():
                yield state

        return both
