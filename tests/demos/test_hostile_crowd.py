"""A thousand clients that come and leave, on each transport, in a server that is a child process of its own."""

from __future__ import annotations

import re
import socket
import time
from pathlib import Path

import httpx
import pytest

from demos.processes.demo_server import Child, served
from tests.demos.toys import Served, backend, until
from tests.demos.wire import handshake

CLIENTS, AT_ONCE, MOST = 1_000, 20, 40
GROWTH_KB = 6_000
"""What memory may differ by after 2,000 connections: 3 kB each, should all of it be a leak."""
ASKS = {
    "sse": "GET /api/threads/{thread}/stream/events?since=0 HTTP/1.1\nHost: 127.0.0.1:{{port}}\n\n",
    "websocket": handshake("{thread}", "?channels=messages&since=0").replace("{port}", "{{port}}"),
}


def rss_kb(child: Child) -> int:
    """Memory that the server holds."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{child.pid}/status").read_text())
    assert found
    return int(found[1])


def come_and_leave(site: Served, thread: str, transport: str, clients: int) -> None:
    """In turn: in the middle of the request, after it, in the middle of an event, and by a reset."""
    request = ASKS[transport].format(thread=thread).format(port=site.port).replace("\n", "\r\n").encode()
    for first in range(0, clients, AT_ONCE):
        crowd = [socket.create_connection(("127.0.0.1", site.port), 10) for _ in range(AT_ONCE)]
        for n, client in enumerate(crowd, first):
            client.sendall(request[: len(request) // 2] if n % 4 == 0 else request)
        for n, client in enumerate(crowd, first):
            if n % 4 > 1:
                assert client.recv(12).startswith((b"HTTP/1.1 200", b"HTTP/1.1 101"))
            if n % 4 == 3:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            client.close()
        room(site, thread)


def room(site: Served, thread: str) -> None:
    """Wait until none of them is counted any more: there is room for as many as are allowed."""
    path = f"/threads/{thread}/stream/events"

    def holds() -> bool:
        opened = [site.raw(f"GET /api{path} HTTP/1.1\nHost: 127.0.0.1\n\n") for _ in range(MOST)]
        heads = [client.recv(12) for client in opened]
        site.hang_up()
        return all(head == b"HTTP/1.1 200" for head in heads)

    until(holds)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_memory_and_streams_are_back_where_they_were() -> None:
    limits = {"STREAMWISE_MAX_CLIENT_STREAMS": str(MOST)}
    with served(limits) as child, httpx.Client(base_url=f"http://127.0.0.1:{child.port}/api", trust_env=False) as http:
        site = Served(child.port, backend(), http)
        thread = site.thread()
        assert site.start(thread, n_tokens=200)["type"] == "success"
        until(lambda: http.get(f"/threads/{thread}").json()["status"] == "idle")
        for transport in ASKS:
            come_and_leave(site, thread, transport, CLIENTS // 4)  # pools and caches fill once
        before = rss_kb(child)
        began = time.monotonic()
        for transport in ASKS:
            come_and_leave(site, thread, transport, CLIENTS)
        grown = rss_kb(child) - before
        print(f"{before} kB, {grown:+} kB after {2 * CLIENTS} connections, {time.monotonic() - began:.1f} s")
        assert grown < GROWTH_KB
        assert http.get("/health").status_code == 200
        assert child.said().count("\n") == 1, child.said()
