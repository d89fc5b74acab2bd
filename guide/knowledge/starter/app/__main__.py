"""Serves the agent and its page: python -m app --port 8000

Readers that have stopped reading are let go, and a shutdown waits for nobody.
"""

from __future__ import annotations

import argparse
import asyncio
import socket
from contextlib import suppress
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from app import settings, who
from app.server import app, close


class _LetsGo:
    """A protocol that cuts a reader off which has taken nothing for SEND_S while more than a buffer waits for it."""

    transport: Any
    _late: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        super().pause_writing()  # type: ignore[misc]
        self._late = asyncio.get_running_loop().call_later(settings.SEND_S, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()  # type: ignore[misc]
        if self._late:
            self._late.cancel()


class Http(_LetsGo, H11Protocol):
    pass


class WebSockets(_LetsGo, WebSocketsSansIOProtocol):
    pass


class Server(uvicorn.Server):
    """Ends the runs and tells their readers before it waits for connections to close."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            uvicorn.Config(app, host, port, http=Http, ws=WebSockets, ws_max_size=settings.MOST_BODY,
                           timeout_graceful_shutdown=1, log_level="warning")
        )  # fmt: skip

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await close()
        await super().shutdown(sockets)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m app", description="Serves the agent and its page.")
    parser.add_argument("--host", default=settings.HOST, help="%(default)s; 0.0.0.0 for all")
    parser.add_argument("--port", default=settings.PORT, type=int, help="%(default)s")
    asked = parser.parse_args()
    who.at_start(asked.host, asked.port)
    print(f"Agent on http://{asked.host}:{asked.port}", flush=True)
    with suppress(KeyboardInterrupt):  # which uvicorn raises again, once it has ended
        Server(asked.host, asked.port).run()


if __name__ == "__main__":
    main()
