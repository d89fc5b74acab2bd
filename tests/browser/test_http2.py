"""What a real browser does behind each proxy with a certificate: the same as the client that measures it."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page

from demos.processes.demo_server import served
from demos.proxies import catalog as proxies
from demos.proxies.expected import expected
from demos.proxies.http2.certificate import certificate
from demos.proxies.matrix import CAN_HTTP2
from demos.proxies.running import proxied

OPEN = """
async () => {
  const socket = new WebSocket(`wss://${location.host}/api/ws`);
  await new Promise((resolve, reject) => Object.assign(socket, { onopen: resolve, onerror: reject }));
  return performance.getEntriesByType("navigation")[0].nextHopProtocol;
}
"""
STREAM = """
async () => {
  const post = (path, body) => fetch(`/api/threads${path}`, { method: "POST", body: JSON.stringify(body) });
  const { thread_id } = await (await post("", {})).json();
  window.source = new EventSource(`/api/threads/${thread_id}/stream/events?channels=messages`);
  await new Promise((resolve, reject) => Object.assign(source, { onopen: resolve, onerror: reject }));
  return performance.getEntriesByType("resource").find(({ name }) => name.endsWith("/threads")).nextHopProtocol;
}
"""
OPEN_STREAMS = """
async () => {
  const told = await (await fetch("/api/metrics")).text();
  return Number(told.match(/^streamwise_streams{transport="sse"} (.*)$/m)?.[1] ?? 0);
}
"""
SHARED, OWN = 200, 101
"""How a handshake is answered in HTTP/2 (RFC 8441, section 5) and in HTTP/1.1."""
pytestmark = [pytest.mark.proxy, pytest.mark.skipif(not CAN_HTTP2, reason="h2 or trustme: requirements/proxies.txt")]


def until(page: Page, holds: Callable[[], object]) -> None:
    """Wait; what a browser tells of itself comes in while the page is asked something."""
    ends = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < ends, "it never came true"
        page.wait_for_timeout(20)


@pytest.mark.parametrize("name", proxies.proxies())
def test_a_websocket_shares_the_connection_where_it_is_said_to_and_a_closed_stream_is_gone(
    browser: Browser, name: str
) -> None:
    here = proxies.binaries(name)
    if not here:
        pytest.skip(f"{name} is not on this machine")
    binary = here[0]
    with (
        served({}) as server,
        proxied(binary, proxies.HTTP2, server.port, pem=certificate()) as proxy,
        browser.new_context(ignore_https_errors=True) as visitor,
    ):
        page = visitor.new_page()
        devtools = visitor.new_cdp_session(page)
        devtools.send("Network.enable")
        answers: list[int] = []
        devtools.on(
            "Network.webSocketHandshakeResponseReceived", lambda told: answers.append(told["response"]["status"])
        )
        page.goto(f"https://localhost:{proxy.site.port}/api/blank")
        assert page.evaluate(OPEN) == "h2"
        wanted = expected(binary.name, binary.version, "recommended")
        assert wanted
        until(page, lambda: answers)
        assert answers == [SHARED if str(wanted.websocket.http2).startswith("shared") else OWN]
        assert page.evaluate(STREAM) == "h2"
        assert page.evaluate(OPEN_STREAMS) == 1
        page.evaluate("() => source.close()")  # resets one stream of the connection, which goes on
        until(page, lambda: page.evaluate(OPEN_STREAMS) == 0)
