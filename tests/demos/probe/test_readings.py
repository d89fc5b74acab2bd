"""One stream of a target, read over both transports; and of servers that are none."""

from __future__ import annotations

import base64
import gzip
import hashlib
import importlib.metadata
import json
import re
import threading
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from demos.probe.budget import LARGEST, Budget
from demos.probe.cli import target
from demos.probe.reach import trust
from demos.probe.reading import Asked
from demos.probe.readings import Reader
from demos.proxies.trials import TRANSPORTS, Transport
from tests.demos.probe.servers import certificate, http, plain
from tests.known import known

Targets = Callable[[str], int]
QUICK = Asked(n=3, gap_ms=10)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


def reader(port: int, patience_s: float = 5.0) -> Reader:
    return Reader(f"http://127.0.0.1:{port}", Budget(), trust(), patience_s)


both = pytest.mark.parametrize("transport", TRANSPORTS)
each = pytest.mark.parametrize("name", ["fastapi", "starlette"])


@each
@both
def test_a_whole_stream(targets: Targets, name: str, transport: Transport) -> None:
    found = reader(targets(name)).read(transport, QUICK)
    assert (found.seq, found.whole, found.refused, found.why) == ([1, 2, 3], True, None, "")
    assert found.status == {"sse": 200, "websocket": 101}[transport]
    assert found.cut_s is None
    assert len(found.at) == len(found.sent) == 3
    assert found.sent == sorted(found.sent)


@each
def test_a_bare_stream_lacks_the_one_header_and_no_other(targets: Targets, name: str) -> None:
    usual, bare = (reader(targets(name)).read("sse", Asked(n=1, gap_ms=0, bare=bare)) for bare in (0, 1))
    assert usual.headers["x-accel-buffering"] == "no"
    assert {*usual.headers} - {*bare.headers} == {"x-accel-buffering"}
    assert usual.headers["cache-control"] == bare.headers["cache-control"] == "no-cache"


@each
@both
def test_the_rest_after_a_position(targets: Targets, name: str, transport: Transport) -> None:
    assert reader(targets(name)).read(transport, Asked(n=4, gap_ms=0, since=2)).seq == [3, 4]


@each
@both
def test_silence_follows_the_first_event_and_heartbeats_are_no_events(
    targets: Targets, name: str, transport: Transport
) -> None:
    asked = Asked(n=3, gap_ms=0, silence_ms=400, heartbeat_ms=100)
    found = reader(targets(name)).read(transport, asked)
    assert found.seq == [1, 2, 3]
    assert found.sent[1] - found.sent[0] >= 399
    assert found.sent[2] - found.sent[1] < 399


@both
def test_silence_beyond_our_patience_is_told_apart_from_a_cut(targets: Targets, transport: Transport) -> None:
    one = Reader(f"http://127.0.0.1:{targets('starlette')}", Budget(), trust(), 1.5)
    hasty = type("Hasty", (Reader,), {"bears_s": lambda self, asked: 1.5})(*vars(one).values())
    found = hasty.read(transport, Asked(n=2, gap_ms=0, silence_ms=3000))
    assert (found.seq, found.timed_out, found.cut_s) == ([1], True, 0.0)


@both
def test_the_time_for_a_stream_does_not_begin_anew_with_each_event(targets: Targets, transport: Transport) -> None:
    """The third would come after the end, though soon enough after the two before."""
    hasty = type("Hasty", (Reader,), {"bears_s": lambda self, asked: 1.5})
    found = hasty(*vars(reader(targets("starlette"))).values()).read(transport, Asked(n=3, gap_ms=900))
    assert (found.seq, found.timed_out, found.why, found.cut_s) == ([1, 2], True, "timed out", 0.0)


def test_a_stall_within_tls_is_ended_too(tmp_path: Path) -> None:
    context, cert = certificate(tmp_path)
    over = threading.Event()
    first = b'data: {"seq": 1, "sent_ms": 1}\n\n'
    with plain(lambda path: HEAD + first, context, holds=over) as port:
        hasty = type("Hasty", (Reader,), {"bears_s": lambda self, asked: 1.0})
        found = hasty(f"https://127.0.0.1:{port}", Budget(), trust(str(cert))).read("sse", QUICK)
        over.set()
    assert (found.seq, found.timed_out, found.refused) == ([1], True, None)


@each
@pytest.mark.parametrize("query", ["n=99999", "n=-1", "gap_ms=1000000", "silence_ms=1e3", "heartbeat_ms=x", "since=-1"])
def test_a_target_grants_no_more_than_its_limits(targets: Targets, name: str, query: str) -> None:
    base = f"http://127.0.0.1:{targets(name)}/probe"
    assert httpx.get(f"{base}/sse?{query}", trust_env=False).status_code == 422


@each
def test_a_handshake_without_upgrade_is_426_and_tells_what_arrived(targets: Targets, name: str) -> None:
    found = httpx.get(f"http://127.0.0.1:{targets(name)}/probe/ws", trust_env=False)
    told = found.json()
    assert (found.status_code, told["upgrade"], told["connection"]) == (426, None, "keep-alive")
    assert found.headers["upgrade"] == "websocket"


@pytest.mark.parametrize("name", ["fastapi", "starlette"])
def test_a_target_is_short_and_requires_what_it_is_run_with(name: str) -> None:
    text = target(name)
    assert len(text.splitlines()) <= 140
    pins = re.findall(r"([\w-]+)==([\w.]+)", text)
    assert len(pins) == 3
    assert all(importlib.metadata.version(package) == version.rstrip(".") for package, version in pins)


@pytest.mark.parametrize(
    ("answer", "refused"),
    [(http("503 No"), "HTTP 503"), (http("200 OK", b"<html>", Content_Type="text/html"), "HTTP 200, text/html")],
)
def test_an_event_stream_that_is_none_is_refused(answer: bytes, refused: str) -> None:
    with plain(lambda path: answer) as port:
        found = reader(port).read("sse", QUICK)
    assert (found.refused, found.seq) == (refused, [])


@pytest.mark.parametrize(
    "data", [b"nonsense", b"[]", b"{}", b'{"seq": "x"}', b'{"seq": 1}', b'{"seq": 1, "sent_ms": null}', b"[" * 100_000]
)
def test_what_is_not_from_a_target_raises_nothing(data: bytes) -> None:
    with plain(lambda path: HEAD + b"data: " + data + b"\n\n") as port:
        found = reader(port).read("sse", QUICK)
    assert (found.whole, found.refused) == (False, None)
    assert found.why


def test_no_more_is_read_of_an_event_stream_than_allowed() -> None:
    with plain(lambda path: HEAD + b": much\n" * LARGEST) as port:
        assert reader(port).read("sse", QUICK).why == f"more than {LARGEST} bytes"


def test_no_more_is_read_of_a_frame_than_allowed() -> None:
    """It claims a terabyte, and goes on sending."""
    import socketserver

    class Greedy(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            key = ""
            while line := self.rfile.readline().strip():
                key = line.split()[1].decode() if line.lower().startswith(b"sec-websocket-key") else key
            accept = base64.b64encode(hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest())
            head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            self.wfile.write(
                head + b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n\x81\x7f" + (2**40).to_bytes(8, "big")
            )
            try:
                while True:
                    self.wfile.write(b"a" * 65_536)
            except OSError:
                pass

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Greedy) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        found = reader(server.server_address[1]).read("websocket", QUICK)
        server.shutdown()
        thread.join()
    assert found.why == f"more than {LARGEST} bytes"


@pytest.mark.parametrize("status", [302, 400, 403, 404, 500])
def test_a_refused_handshake_says_how(status: int) -> None:
    with plain(lambda path: http(f"{status} No", Location="/elsewhere")) as port:
        found = reader(port).read("websocket", QUICK)
    assert found.refused
    assert found.status == (None if status == 302 else status)
    assert str(status) in found.refused or status == 302


def test_a_handshake_within_tls_trusts_whom_the_probe_trusts(tmp_path: Path) -> None:
    context, cert = certificate(tmp_path)
    with plain(lambda path: http("403 No"), context) as port:
        two = (Reader(f"https://127.0.0.1:{port}", Budget(), trust(ca)) for ca in (str(cert), None))
        trusted, other = (one.read("websocket", QUICK) for one in two)
    assert (trusted.status, trusted.refused) == (403, "HTTP 403")
    assert "self-signed certificate" in known(other.refused)


def test_what_the_target_says_of_a_handshake_is_read() -> None:
    told = {"target": "streamwise-probe/1", "upgrade": None}
    with plain(lambda path: http("426 Upgrade Required", json.dumps(told).encode())) as port:
        assert reader(port).read("websocket", QUICK).told == told
    with plain(lambda path: http("426 Upgrade Required", b"[1]")) as port:
        assert reader(port).read("websocket", QUICK).told == {}
    with plain(lambda path: http("426 Upgrade Required", b"Oh")) as port:
        found = reader(port).read("websocket", QUICK)
    assert (found.told, found.refused) == ({}, "HTTP 426")


@pytest.mark.parametrize(
    ("answer", "patience_s", "refused"),
    [
        (b"101 Yes\r\n" + b"X-More: a\r\n" * 1_000_000, 0.5, "timed out"),
        (b"500 No\r\nContent-Length: 9999999999999\r\n\r\n" + b"a" * LARGEST * 2, 60.0, f"more than {LARGEST} bytes"),
    ],
)
def test_a_handshake_is_read_no_further_and_no_longer_than_allowed(
    answer: bytes, patience_s: float, refused: str
) -> None:
    """It stays open, so that our limit ends it and not its own end."""
    over = threading.Event()
    with plain(lambda path: b"HTTP/1.1 " + answer, holds=over) as port:
        found = reader(port, patience_s).read("websocket", QUICK)
        over.set()
    assert (found.status, found.refused) == (None, refused)


def test_a_redirect_to_what_is_no_address_is_refused() -> None:
    with plain(lambda path: http("302 Found", Location="mailto:x")) as port:
        assert "no address" in known(reader(port).read("sse", QUICK).refused)


def test_a_cookie_that_is_none_raises_nothing() -> None:
    answer = b"HTTP/1.1 302 Found\r\nSet-Cookie: a/b=1\r\n\r\n"
    with plain(lambda path: answer) as port:
        assert "CookieError" in known(reader(port).read("websocket", QUICK).refused)


def test_whatever_goes_wrong_before_an_answer_is_a_refusal(targets: Targets) -> None:
    one = Reader(f"HTTP://127.0.0.1:{targets('starlette')}", Budget(), trust())
    found = one.read("websocket", QUICK)
    assert (found.status, found.refused) == (None, "what came is not from the target (ValueError)")


def test_an_event_stream_packed_twice_is_not_unpacked() -> None:
    packed = gzip.compress(gzip.compress(b"data: " + b" " * 10**7))
    head = HEAD.replace(b"Connection", b"Content-Encoding: gzip, gzip\r\nConnection")
    with plain(lambda path: head + packed) as port:
        found = reader(port).read("sse", QUICK)
    assert (found.seq, found.why) == ([], "Content-Encoding: gzip, gzip")
