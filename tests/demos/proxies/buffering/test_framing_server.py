from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from demos.proxies.buffering.framing_server import EVENT, EVENTS, framed
from tests.patience import seconds


def asked(port: int, line: str) -> tuple[str, bytes]:
    with socket.create_connection(("127.0.0.1", port), timeout=seconds(10)) as connection:
        connection.sendall(f"{line}\r\nHost: x\r\n\r\n".encode())
        told = b""
        while piece := connection.recv(65_536):
            told += piece
    head, _, body = told.partition(b"\r\n\r\n")
    return head.decode(), body


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with framed() as found:
        yield found


@pytest.mark.parametrize(
    ("line", "chunked"),
    [
        ("GET /asked HTTP/1.1", True),
        ("GET /asked HTTP/1.0", False),
        ("GET /chunks HTTP/1.0", True),
        ("GET /close HTTP/1.1", False),
    ],
)
def test_framing_is_as_chosen(port: int, line: str, chunked: bool) -> None:
    head, body = asked(port, line)
    assert ("Transfer-Encoding: chunked" in head) is chunked
    assert "Accel" not in head
    assert body == (b"29\r\n" + EVENT + b"\r\n" if chunked else EVENT) * EVENTS + (b"0\r\n\r\n" if chunked else b"")


def test_the_header_is_as_chosen(port: int) -> None:
    assert "X-Accel-Buffering: no" in asked(port, "GET /chunks?accel=no HTTP/1.1")[0]


@pytest.mark.parametrize("line", ["GET /api/health HTTP/1.1", "nonsense"])
def test_anything_else_is_answered_or_ended_at_once(port: int, line: str) -> None:
    head, body = asked(port, line)
    assert body == b""
    assert head.startswith("HTTP/1.1 200") or not head


def test_all_events_fit_one_buffer_of_nginx() -> None:
    assert len(EVENT) * EVENTS < 4096
