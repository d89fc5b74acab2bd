"""Sets up the TCP connection under a request against stalled or silent peers, and resets it. Plain ASGI.

ASGI does not cover this. `receive` is a method of uvicorn's connection object, which holds the transport; with another
server there is no access to it, and the system's defaults stay.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import suppress
from typing import Any

from starlette.types import Receive, Scope

from demos.connections.open_streams import Peer
from demos.limits import Limits

UTF8 = 4
"""Maximum bytes of one character."""


def transport_of(receive: Receive) -> Any:
    """Return the asyncio transport under a request; None if the server gives no access to it."""
    return getattr(getattr(receive, "__self__", None), "transport", None)


def prepare(scope: Scope, receive: Receive, limits: Limits) -> None:
    """Set up a connection, in the same way for both transports.

    TCP_NODELAY: asyncio does not set it on the socket that Streamlit passes to uvicorn; a WebSocket's short reply then
    waits for the peer's delayed acknowledgement, about 40 ms that are not part of either protocol.

    TCP_USER_TIMEOUT (Linux; RFC 5482): the system drops a peer that acknowledges nothing, for example no heartbeat, or
    whose window stays closed. SO_SNDBUF: how much the system buffers for a peer that stops reading.

    Frame size: uvicorn's limit is for the whole app, 16 or 20 MB. Frames too long for a command are refused (1009).
    """
    transport = transport_of(receive)
    connection = transport.get_extra_info("socket") if transport is not None else None
    if connection is not None and connection.fileno() == -1:
        return  # the client has gone already
    if connection is not None and connection.family in (socket.AF_INET, socket.AF_INET6):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, limits.socket_bytes)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, limits.silent_seconds * 1000)
    if scope["type"] == "websocket":
        codec: Any = getattr(getattr(receive, "__self__", None), "conn", None)
        if hasattr(codec, "max_message_size"):
            codec.max_message_size = limits.command_bytes * UTF8


def peer_of(receive: Receive) -> Peer:
    """Return the peer of a request's connection, as far as the server gives access to it."""
    transport = transport_of(receive)
    return Peer(transport.get_write_buffer_size, transport.is_closing) if transport is not None else Peer()


def abort_later(receive: Receive, seconds: float) -> None:
    """Abort the connection after `seconds`, in case a last message is still unsent. No effect on a closed one."""
    if (transport := transport_of(receive)) is not None:
        asyncio.get_running_loop().call_later(seconds, transport.abort)


async def abort(receive: Receive, seconds: float = 1.0) -> None:
    """Reset the connection under a response or a WebSocket: no last chunk, no close frame.

    After the abort, uvicorn treats the client as gone and logs nothing. With another server the only way is to raise an
    error. Waits at most `seconds` for the disconnect message, which does not come again if the peer left first.

    Raises:
        ConnectionAbortedError: the server does not let us reach its transport.
    """
    transport = transport_of(receive)
    if transport is None:
        raise ConnectionAbortedError("this stream is cut on purpose, and the server gives no other way to do it")
    connection = transport.get_extra_info("socket")
    if connection is not None:
        with suppress(OSError):  # closed meanwhile
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while (await receive())["type"] not in ("http.disconnect", "websocket.disconnect"):
                pass
