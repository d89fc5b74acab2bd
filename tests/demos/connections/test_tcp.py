from __future__ import annotations

import asyncio
import socket
from types import SimpleNamespace
from typing import Any

import pytest

from demos.connections.open_streams import Peer
from demos.connections.tcp import abort, peer_of, prepare
from demos.limits import Limits


class Connection:
    """As uvicorn's: it holds the transport, and the codec if it is a WebSocket's."""

    def __init__(self, connected: socket.socket) -> None:
        self.transport = SimpleNamespace(get_extra_info=lambda name: connected)
        self.conn = SimpleNamespace(max_message_size=16_000_000)

    async def receive(self) -> dict[str, Any]:
        return {"type": "http.disconnect"}


def prepared(kind: str) -> tuple[Connection, dict[str, int]]:
    """A connection after its set-up, and the options of its socket."""
    limits = Limits(socket_bytes=50_000, silent_seconds=7, command_bytes=1000)
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as client:
        connection = Connection(client)
        prepare({"type": kind}, connection.receive, limits)
        options = {
            "at once": client.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY),
            "kept": client.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF),
        }
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            options["silent"] = client.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
        return connection, options


@pytest.mark.parametrize(("kind", "largest"), [("http", 16_000_000), ("websocket", 4000)])
def test_both_transports_are_set_up_alike_and_only_frames_have_a_size(kind: str, largest: int) -> None:
    connection, options = prepared(kind)
    assert options["at once"] != 0
    assert options["kept"] in (50_000, 100_000)  # Linux doubles it
    assert options.get("silent", 7000) == 7000
    assert connection.conn.max_message_size == largest


def test_without_a_transport_nothing_is_set_and_nothing_seen() -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    prepare({"type": "websocket"}, receive, Limits())
    assert peer_of(receive) == Peer()
    assert (Peer().held(), Peer().lost()) == (0, False)
    with pytest.raises(ConnectionAbortedError, match="on purpose"):
        asyncio.run(abort(receive))
