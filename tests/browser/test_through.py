"""A real browser's own EventSource and WebSocket through nginx and Envoy: what their scripts are told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page

from demos.processes.demo_server import served
from demos.proxies import catalog as proxies
from demos.proxies.browser_view import seen
from demos.proxies.expected import expected
from demos.proxies.running import Proxied, proxied
from demos.proxies.trials import ObservedCut, Reading

READ = """
([kind, thread]) => new Promise((resolve) => {
  const told = { tokens: 0, errors: 0, opened: 0, states: [], code: null };
  const over = () => (socket.close(), resolve(told));
  setTimeout(over, 20_000);
  const heard = (text) => {
    const event = JSON.parse(text);
    const { node, namespace, data } = event.params ?? {};
    told.tokens += node === "answer" && data.delta?.type === "text-delta";
    if (event.method === "lifecycle" && !namespace.length && data.event === "completed") over();
  };
  const url = `${location.origin}/api/threads/${thread}/stream/events?channels=messages,lifecycle&since=0`;
  const socket = kind === "sse" ? new EventSource(url) : new WebSocket(url.replace("http", "ws"));
  socket.onopen = () => (told.opened += 1);
  socket.onerror = () => {
    told.errors += 1;
    if (kind === "sse") told.states.push(socket.readyState);
    if (kind === "sse" && socket.readyState === EventSource.CLOSED) over();
  };
  socket.onclose = ({ code }) => ((told.code = code), over());
  for (const name of ["message", "messages", "lifecycle"]) socket.addEventListener(name, ({ data }) => heard(data));
})
"""
CONNECTING, CLOSED = 0, 2
SETTINGS = {"rate": 100, "n_tokens": 20, "first_token_ms": 0, "jitter": 0, "approve": False}
NAMES = ("nginx", "envoy")

pytestmark = pytest.mark.proxy


@pytest.fixture
def binary(name: str) -> proxies.Binary:
    found = proxies.binaries(name)
    if not found:
        pytest.skip(f"{name} is not on this machine")
    return found[0]


@pytest.fixture
def expected_errors() -> list[str]:
    return [
        "WebSocket connection to",
        r"404 .*nobody-made-this-thread",
        "ERR_INCOMPLETE_CHUNKED_ENCODING",
        r"404 .*/favicon",
    ]


@pytest.fixture(scope="module")
def api() -> Iterator[str]:
    """The address of a server that never says a word by itself, and never joins tokens: they are counted."""
    with served({"STREAMWISE_HEARTBEAT_SECONDS": "3600", "STREAMWISE_COALESCE_MS": "0"}) as server:
        yield f"http://127.0.0.1:{server.port}/api"


def behind(binary: proxies.Binary, config: str, api: str, idle_s: int | None = None) -> AbstractContextManager[Proxied]:
    return proxied(binary, config, httpx.URL(api).port or 0, idle_s)


@pytest.mark.parametrize("name", NAMES)
def test_an_event_stream_that_is_refused_is_closed_for_good_and_has_no_status(
    page: Page, api: str, binary: proxies.Binary
) -> None:
    with behind(binary, "recommended", api) as proxy:
        page.goto(f"{proxy.api}/blank")
        found = page.evaluate(READ, ["sse", "nobody-made-this-thread"])
    assert seen(Reading("sse", 1.0, "HTTP 404")) == "refused-sse"
    assert (found["opened"], found["errors"], found["states"]) == (0, 1, [CLOSED])


def told(page: Page, proxy: Proxied, api: str, transport: str, **more: Any) -> dict[str, Any]:
    """A run read by the page alone; what its script was told."""
    thread = httpx.post(f"{api}/threads", json={}).json()["thread_id"]
    page.goto(f"{proxy.api}/blank")
    started = {"input": {"messages": [{"role": "user", "content": "x"}]}, "assistant_id": "agent"}
    frame = {"id": 1, "method": "run.start", "params": {**started, "config": {"configurable": {**SETTINGS, **more}}}}
    httpx.post(f"{api}/threads/{thread}/commands", json=frame).raise_for_status()
    found: dict[str, Any] = page.evaluate(READ, [transport, thread])
    return found


@pytest.mark.parametrize("transport", ["sse", "websocket"])
@pytest.mark.parametrize("config", proxies.CONFIGS)
@pytest.mark.parametrize("name", NAMES)
def test_a_browser_fares_as_the_measuring_client_does(
    page: Page, api: str, binary: proxies.Binary, config: str, transport: str
) -> None:
    wanted = expected(binary.name, binary.version, config)
    assert wanted
    opens = getattr(wanted, transport).opens
    with behind(binary, config, api) as proxy:
        found = told(page, proxy, api, transport)
    if opens == "yes":
        assert (found["tokens"], found["errors"], found["opened"]) == (20, 0, 1)
    else:
        assert (transport, opens[:5]) == ("websocket", "HTTP ")
        assert seen(Reading("websocket", 1.0, opens)) == "refused-websocket"
        assert (found["opened"], found["errors"], found["code"]) == (0, 1, 1006)


@pytest.mark.parametrize("name", NAMES)
def test_a_cut_in_silence_looks_different_to_each(page: Page, api: str, binary: proxies.Binary) -> None:
    with behind(binary, "recommended", api, idle_s=1) as proxy:
        found = told(page, proxy, api, "sse", silence_ms=3000)
        assert seen(Reading("sse", 1.0, cuts=(ObservedCut(1.0, "reset"),))) == "cut-sse"
        assert set(found["states"]) == {CONNECTING}
        assert found["tokens"] == 20  # it came back by itself, and missed nothing
        found = told(page, proxy, api, "websocket", silence_ms=3000)
        assert seen(Reading("websocket", 1.0, cuts=(ObservedCut(1.0, "lost"),))) == "cut-websocket"
        assert (found["opened"], found["code"]) == (1, 1006)
        assert found["tokens"] < 20
