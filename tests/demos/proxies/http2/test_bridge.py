"""HTTP/1.1 in, HTTP/2 out: servers of this process, then what configurations say of themselves, on real proxies."""

from __future__ import annotations

import asyncio
import dataclasses
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from demos.harness.testbed import controlled
from demos.proxies import catalog as proxies
from demos.proxies.http2.certificate import certificate, trust
from demos.proxies.matrix import CAN_HTTP2
from demos.proxies.running import proxied
from demos.proxies.trials import Transport, Trial, read
from tests.demos.toys import Served

if CAN_HTTP2:
    from demos.proxies.http2.bridge import crossing
    from demos.proxies.http2.request import Asked

pytestmark = [pytest.mark.proxy, pytest.mark.skipif(not CAN_HTTP2, reason="h2 or trustme: requirements/proxies.txt")]

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
HANDSHAKE = (
    b"GET /api/ws?since=0 HTTP/1.1\r\nHost: a.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nOrigin: http://a.example\r\n\r\n"
)
QUICK = Trial("five words", {"rate": 50, "n_tokens": 5, "first_token_ms": 0, "seed": 1}, http2=True)


def test_a_handshake_becomes_an_extended_connect_without_what_concerns_one_connection_of_http_1() -> None:
    assert Asked.parse(HANDSHAKE).as_http2() == [
        (":method", "CONNECT"),
        (":protocol", "websocket"),
        (":scheme", "https"),
        (":authority", "a.example"),
        (":path", "/api/ws?since=0"),
        ("sec-websocket-version", "13"),
        ("origin", "http://a.example"),
    ]


def test_any_other_request_stays_what_it_is() -> None:
    raw = b"GET /api/health HTTP/1.1\r\nHost: a.example\r\nAccept: text/event-stream\r\nConnection: keep-alive\r\n\r\n"
    asked = Asked.parse(raw)
    assert asked.as_http2()[0] == (":method", "GET")
    assert asked.as_http2()[-1] == ("accept", "text/event-stream")
    head = asked.answered([(":status", "200"), ("content-type", "text/event-stream")])
    assert head == b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"


def test_a_websocket_that_was_let_through_gets_the_answer_to_its_own_key() -> None:
    head = Asked.parse(HANDSHAKE).answered([(":status", "200"), ("sec-websocket-accept", "that of somebody else")])
    assert head.startswith(b"HTTP/1.1 101 Switching Protocols\r\n")
    assert b"sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" in head  # RFC 6455, section 1.3
    refused = Asked.parse(HANDSHAKE).answered([(":status", "400")])
    assert refused == b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n"


@asynccontextmanager
async def over_tls(answer: Answer, tmp_path: Path, protocols: Sequence[str] = ()) -> AsyncIterator[int]:
    """A server of this process; its port."""
    pem = tmp_path / "certificate.pem"
    pem.write_bytes(certificate())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    if protocols:
        context.set_alpn_protocols(list(protocols))
    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def asked(port: int, raw: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(raw)
    try:
        return await asyncio.wait_for(reader.read(), 10)
    finally:
        writer.close()


def test_a_server_without_http2_is_asked_in_http_1(tmp_path: Path) -> None:
    heard: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            heard.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        except asyncio.IncompleteReadError:
            pass  # the first connection, which found out what this server speaks
        writer.close()

    async def run() -> tuple[bytes, bool | None]:
        async with over_tls(answer, tmp_path) as port, crossing(port, trust) as way:
            return await asked(way.port, HANDSHAKE), way.shared

    assert asyncio.run(run()) == (b"HTTP/1.1 204 No Content\r\n\r\n", False)
    assert heard == [HANDSHAKE]


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x00\x00\x00\x07"])
def test_whoever_agrees_to_http2_and_speaks_something_else_ends_the_connection(tmp_path: Path, said: bytes) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        writer.close()

    async def run() -> bytes:
        async with over_tls(answer, tmp_path, ["h2"]) as port, crossing(port, trust) as way:
            return await asked(way.port, HANDSHAKE)

    assert asyncio.run(run()) == b""


def test_nobody_on_the_other_side_ends_the_connection() -> None:
    async def run() -> bytes:
        async with crossing(9, trust) as way:
            return await asked(way.port, HANDSHAKE)

    assert asyncio.run(run()) == b""


def binary(name: str) -> proxies.Binary:
    found = proxies.binaries(name)
    if not found:
        pytest.skip(f"{name} is not on this machine")
    return found[0]


def behind(which: proxies.Binary, site: Served, transport: Transport = "websocket") -> tuple[str | None, bool | None]:
    """(how it was refused, whether it shared a connection)"""

    async def run() -> tuple[str | None, bool | None]:
        with proxied(which, proxies.HTTP2, site.port, pem=certificate()) as proxy:
            async with crossing(proxy.site.port, trust) as way, controlled(site.port) as control:
                found = await read(QUICK, transport, way.api, control)
                assert found.refused or found.measurement and found.measurement.tokens == 5
                return found.refused, way.shared

    return asyncio.run(run())


def without(monkeypatch: pytest.MonkeyPatch, needle: str, lines: int = 1) -> None:
    """Configurations without the lines that begin where the needle stands."""
    whole = proxies.template

    def cut(name: str, config: str) -> str:
        text = whole(name, config).splitlines()
        first = next(n for n, line in enumerate(text) if needle in line and not line.strip().startswith("#"))
        return "\n".join([*text[:first], *text[first + lines :]])

    monkeypatch.setattr(proxies, "template", cut)


def test_envoy_announces_it_where_it_is_told_to(site: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    assert behind(binary("envoy"), site) == (None, True)
    without(monkeypatch, "allow_connect")
    assert behind(binary("envoy"), site) == (None, False)


def test_envoy_that_sends_no_key_on_is_answered_with_400(site: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, "request_headers_to_add", 3)
    assert behind(binary("envoy"), site) == ("HTTP 400", True)


@pytest.mark.parametrize("variable", [{}, {"GODEBUG": "http2xconnect=1"}])
def test_caddy_announces_it_where_go_is_told_to(site: Served, variable: dict[str, str]) -> None:
    caddy = binary("caddy")
    caddy = dataclasses.replace(caddy, proxy=dataclasses.replace(caddy.proxy, environment=variable))
    assert behind(caddy, site) == (None, bool(variable))


def somebody_on(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def test_caddy_takes_no_port_but_its_own(site: Served) -> None:
    before = somebody_on(80)
    with proxied(binary("caddy"), proxies.HTTP2, site.port, pem=certificate()):
        assert somebody_on(80) == before


def test_haproxy_offers_http2_by_itself_since_2_8(site: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = proxies.template
    monkeypatch.setattr(proxies, "template", lambda *of: whole(*of).replace(" alpn h2,http/1.1", ""))
    assert behind(binary("haproxy"), site) == (None, True)


def test_traefik_told_to_announce_it_refuses_what_it_announced(site: Served) -> None:
    traefik = binary("traefik")
    told = dataclasses.replace(traefik.proxy, environment={"GODEBUG": "http2xconnect=1"})
    assert behind(dataclasses.replace(traefik, proxy=told), site) == ("HTTP 501", True)
