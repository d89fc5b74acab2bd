"""Sets up the TCP connection under a request against stalled or silent peers, and resets it. Plain ASGI.

ASGI has no word for any of this. `receive` is a method of uvicorn's connection, which holds the transport; under
another server there is none to be had, and the system's defaults stay.
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
"""Bytes of one character, at most."""


def transport_of(receive: Receive) -> Any:
    """The asyncio transport under a request; None where the server does not let us reach it."""
    return getattr(getattr(receive, "__self__", None), "transport", None)


def prepare(scope: Scope, receive: Receive, limits: Limits) -> None:
    """Set a connection up, the same for both transports.

    TCP_NODELAY: Streamlit hands uvicorn a socket on which asyncio does not set it by itself; a WebSocket's short reply
    then waits for the peer's delayed acknowledgement, about 40 ms that belong to neither protocol.

    TCP_USER_TIMEOUT (Linux; RFC 5482): a peer that acknowledges nothing, or whose window stays shut, is dropped by the
    system. Heartbeats are what it has to acknowledge. SO_SNDBUF: what the system keeps for a peer that stops reading.

    The frames: uvicorn's limit is the whole app's, 16 or 20 MB. What cannot be a command is not gathered at all (1009).
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
    """The other end of a request's connection, as far as the server lets us see it."""
    transport = transport_of(receive)
    return Peer(transport.get_write_buffer_size, transport.is_closing) if transport is not None else Peer()


def abort_later(receive: Receive, seconds: float) -> None:
    """A last word was said; if it does not get out in time, it is thrown away. Does nothing to one that is closed."""
    if (transport := transport_of(receive)) is not None:
        asyncio.get_running_loop().call_later(seconds, transport.abort)


async def abort(receive: Receive, seconds: float = 1.0) -> None:
    """Reset the connection under a response or a WebSocket: no last chunk, no close frame.

    Once the transport is aborted, uvicorn takes the client for gone and logs nothing. Under another server the only way
    left is to fail. Waits at most `seconds` to be told so: a peer that left first is not told twice.

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
