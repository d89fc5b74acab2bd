"""Selects the broken servers that the environment names, none by default. Only `python -m demos serve` uses it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from starlette.routing import BaseRoute

from demos.broken_servers import no_origin_check as traps_origin
from demos.broken_servers.after_stop import Ledger
from demos.broken_servers.ignores_stop import StopTraps
from demos.broken_servers.request_headers import NotedStreams
from demos.server.backend import Backend

VARIABLE = "LAB_TRAPS"
"""No setting for people, so it is not called like one: scenarios set it for their own child servers."""

KNOWN: dict[str, Callable[[Backend], list[BaseRoute]]] = {
    "heads": lambda backend: NotedStreams(backend).routes(),
    "unchecked": traps_origin.routes,
    "stop": lambda backend: [*Ledger(backend).routes(), *StopTraps(backend).routes()],
}


def named(environment: Mapping[str, str] = os.environ) -> list[str]:
    """The names of the traps to be laid.

    Raises:
        ValueError: there is no such trap.
    """
    names = [one.strip() for one in environment.get(VARIABLE, "").split(",") if one.strip()]
    for name in names:
        if name not in KNOWN:
            raise ValueError(f"{VARIABLE} is {name!r}. Allowed: {', '.join(KNOWN)}, with commas between")
    return names


def enabled_routes(backend: Backend, names: list[str]) -> list[BaseRoute]:
    """Their routes, below /api."""
    return [route for name in names for route in KNOWN[name](backend)]


def unchecked(names: list[str]) -> str:
    """The path below which no origin is refused; empty where there is none."""
    return traps_origin.UNCHECKED if "unchecked" in names else ""
