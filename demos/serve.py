"""Serves the demo endpoints alone, without Streamlit: `python -m demos serve`, and every child server."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from collections.abc import Sequence

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from demos.broken_servers.enabled import enabled_routes, named, unchecked
from demos.routes import door, lifespan, routes
from demos.server.backend import shared_backend

GRACE_S = 1
"""What uvicorn grants open responses at the end; ours are aborted before that."""


def serve(host: str, port: int, beside: Sequence[BaseRoute] = ()) -> None:
    """The demo routes on a bare Starlette application, with those that the environment enables, and others `beside`.

    Exits with 1 where it cannot start.
    """
    try:
        names = named()
    except ValueError as error:
        sys.exit(str(error))
    if names:
        print(f"TRAPS: this server is wrong on purpose ({', '.join(names)}). For the lab only.", flush=True)
    broken = enabled_routes(shared_backend(), names)
    listed = [*routes(None, broken), *beside]
    app = Starlette(routes=listed, middleware=door(unchecked=unchecked(names)), lifespan=lifespan)
    opened = _listener(host, port)
    config = uvicorn.Config(
        app,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=GRACE_S,
        ws_per_message_deflate=False,  # as under Streamlit: it keeps a compressor for each socket
    )
    shown = f"[{host}]" if ":" in host else host
    with opened as listener:
        print(f"Demo endpoints on http://{shown}:{listener.getsockname()[1]}/api, process {os.getpid()}", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listener])


def _listener(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        why = str(error.strerror).partition(" (")[0]  # Python adds the address, which is said here
        sys.exit(f"Cannot listen on {host}, port {port}: {why}. Choose others: --host, --port.")
