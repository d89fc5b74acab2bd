"""Bytes as a hostile client would send them, and whether the server minds."""

from __future__ import annotations

import json
import socket
import struct
from typing import Any

import httpx
import websocket

from demos.protocol.sse import Decoder
from tests.demos.toys import WAIT_S, Served, events, until, words

MASK = b"\0\0\0\0"
"""A mask that changes nothing; the standard asks for one, not for a good one."""
CONT, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


def frame(
    kind: int, payload: bytes = b"", *, last: bool = True, masked: bool = True, rsv: int = 0, says: int | None = None
) -> bytes:
    """A frame of RFC 6455, section 5.2; `says` is the length that it claims to have."""
    size = len(payload) if says is None else says
    bit = 128 if masked else 0
    if size < 126:
        length = bytes([bit | size])
    elif size < 65_536:
        length = bytes([bit | 126]) + struct.pack("!H", size)
    else:
        length = bytes([bit | 127]) + struct.pack("!Q", size)
    return bytes([last << 7 | rsv << 4 | kind]) + length + (MASK if masked else b"") + payload


def handshake(thread: str, query: str = "", more: str = "") -> str:
    """A request for a WebSocket; to be completed by `Served.raw`."""
    return (
        f"GET /api/threads/{thread}/stream/events{query} HTTP/1.1\nHost: 127.0.0.1:{{port}}\nUpgrade: websocket\n"
        f"Connection: Upgrade\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\nSec-WebSocket-Version: 13\n{more}\n"
    )


def upgraded(site: Served, thread: str, query: str = "") -> socket.socket:
    """A WebSocket as a bare socket, after its handshake."""
    connection = site.raw(handshake(thread, query))
    assert after_the_head(connection).startswith(b"HTTP/1.1 101 ")
    return connection


def after_the_head(connection: socket.socket) -> bytes:
    """Read the head of an HTTP answer, and no further."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        if not (more := connection.recv(1)):
            raise ConnectionResetError("no answer")
        head += more
    return head


def send(connection: socket.socket, data: bytes) -> None:
    """As much as the server takes: it may have had enough before."""
    try:
        connection.sendall(data)
    except OSError:
        pass


def exactly(connection: socket.socket, size: int) -> bytes:
    got = b""
    while len(got) < size and (more := connection.recv(size - len(got))):
        got += more
    return got


def next_frame(connection: socket.socket) -> tuple[int, bytes]:
    """A frame of the server's: its kind and its payload."""
    head = exactly(connection, 2)
    size = head[1] & 127
    if size > 125:
        size = int.from_bytes(exactly(connection, 2 if size == 126 else 8), "big")
    return head[0] & 15, exactly(connection, size)


def close_code(connection: socket.socket) -> tuple[int, str]:
    """Why the server closed a WebSocket; frames before that are passed over."""
    while True:
        kind, payload = next_frame(connection)
        if kind == CLOSE:
            return int.from_bytes(payload[:2], "big"), payload[2:].decode()


def answer(connection: socket.socket) -> tuple[int, str]:
    """Status and body of an HTTP answer that has a Content-Length, or ends with its connection."""
    head = after_the_head(connection)
    (size,) = [int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")] or [-1]
    body = drained(connection) if size < 0 else exactly(connection, size)
    return int(head.split(b" ")[1]), body.decode()


def frozen(site: Served, request: str) -> socket.socket:
    """A client that takes a few kilobytes at most, asks for something, and does not read."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(WAIT_S)
    connection.connect(("127.0.0.1", site.port))
    site.opened.append(connection)
    connection.sendall(request.format(port=site.port).replace("\n", "\r\n").encode())
    return connection


def drained(connection: socket.socket) -> bytes:
    """Everything up to the end; what came after a reset is lost."""
    data = bytearray()
    while more := connection.recv(65_536):
        data += more
    return bytes(data)


def still_serves(site: Served) -> None:
    """A whole run on both transports, and no stream open before or after it."""
    site.hang_up()
    until(lambda: len(site.backend.streams) == 0)
    thread = site.thread()
    assert site.start(thread, n_tokens=3)["type"] == "success"
    path = f"/threads/{thread}/stream/events?since=0"
    told = ""
    with site.http.stream("GET", path) as response:
        for piece in response.iter_text():
            told += piece
            if '"completed"' in told:
                break
    assert told.count("content-block-delta") == 3
    connection = site.socket(f"{path}&channels=messages,lifecycle")
    assert words(events(connection)) == "word0 word1 word2 "
    site.hang_up()
    until(lambda: len(site.backend.streams) == 0)


def closed(connection: websocket.WebSocket) -> tuple[int, str]:
    """The close code and reason; replies before it are passed over."""
    while True:
        kind, data = connection.recv_data()
        if kind == 8:
            return int.from_bytes(data[:2], "big"), data[2:].decode()


def received(connection: socket.socket, until_seen: bytes = b"\0") -> bytes:
    """Everything that arrives, up to some bytes or the end of the connection."""
    data = b""
    while until_seen not in data and (chunk := connection.recv(65_536)):
        data += chunk
    return data


def events_until_end(answer: httpx.Response) -> list[dict[str, Any]]:
    """Events of a stream, up to the run's end."""
    decoder, frames = Decoder(), []
    for chunk in answer.iter_raw():
        for message in decoder.feed(chunk):
            frames.append(json.loads(message.data))
            assert message.last_event_id == frames[-1]["event_id"]
            if frames[-1]["params"]["data"].get("event") in ("completed", "failed"):
                return frames
    raise AssertionError("the stream ended before the run")
