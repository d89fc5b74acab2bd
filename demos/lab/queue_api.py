"""Endpoints of the measurement queue: POST /api/experiments {scenario, runs, seed}, GET /api/experiments/{id}."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from demos.connections.responses import client
from demos.lab.state import Lab
from demos.protocol.errors import invalid
from demos.scenarios import scenarios
from demos.server.endpoints import body, endpoint


class QueueEndpoints:
    """Endpoints for `demos.lab.queue`."""

    def __init__(self, lab: Lab) -> None:
        self._limits, self._lab = lab.backend.limits, lab

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/experiments", endpoint(self.ask), methods=["POST"]),
            Route("/experiments/{id}", endpoint(self.find), methods=["GET"]),
        ]

    async def ask(self, request: Request) -> Response:
        """Add a measurement to the queue; status 202, since it runs later."""
        given = await body(request, self._limits, self._limits.command_bytes)
        known, name, runs, seed = scenarios(), given.get("scenario"), given.get("runs", 1), given.get("seed", 1)
        if not isinstance(name, str) or name not in known:
            raise invalid(f"{name!r:.60} is no scenario. Allowed: {', '.join(known)}.")
        for key, value in (("runs", runs), ("seed", seed)):
            if type(value) is not int:
                raise invalid(f"{key} is {value!r:.60}. Allowed: a whole number.")
        asked = self._lab.measurements.ask(name, runs, seed, client(request))
        return JSONResponse(self._lab.measurements.as_dict(asked), 202)

    async def find(self, request: Request) -> Response:
        return JSONResponse(self._lab.measurements.as_dict(self._lab.measurements.find(request.path_params["id"])))
