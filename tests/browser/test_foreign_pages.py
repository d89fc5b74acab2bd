"""Pages of other sites in a real Chromium: a name that was pointed at this machine, and another port of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from playwright.sync_api import Browser, Page, Playwright

from tests.browser.chromium import FLAGS, find
from tests.browser.labs import scraped_gauge

PATHS = ("/", "/lab", "/proxies", "/api/health", "/_stcore/health", "/_stcore/host-config", "/app/static/inter.woff2")
SOCKETS = ("/_stcore/stream", "/api/ws")
OPENED = """([place, paths]) => Promise.all(paths.map((path) => new Promise((over) => {
  const socket = new WebSocket(place + path);
  socket.onopen = () => over("open");
  socket.onclose = () => over("refused");
})))"""
EMBEDDED = """(addresses) => {
  const loaded = (kind, src) => new Promise((over) => {
    document.body.append(Object.assign(document.createElement(kind), { src, onload: over, onerror: over }));
  });
  return Promise.all(addresses.flatMap((address) => ["iframe", "img", "script"].map((kind) => loaded(kind, address))));
}"""
STARTS = ("/api/stream?query=hi", "/api/traps/answers/k{n}/naive?rate=1&n_tokens=600", "/api/payload?rate=1")


@pytest.fixture
def expected_errors() -> list[str]:
    return [r"status of 4(21|03)", r"WebSocket connection to .* failed", r"violates the following", r"ERR_", r"refused"]


@pytest.fixture
def neighbour() -> Iterator[str]:
    """Another site on this machine: a real server, since browsers treat a page of no address as one of the internet."""

    class Blank(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><body></body>")

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Blank) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_address[1]}/"
        server.shutdown()


@pytest.fixture
def rebound(playwright: Playwright) -> Iterator[Browser]:
    """A browser for which evil.example is this machine, as after DNS rebinding."""
    rules = "--host-resolver-rules=MAP evil.example 127.0.0.1"
    found = playwright.chromium.launch(executable_path=find(), args=[*FLAGS, rules])
    yield found
    found.close()


def test_a_name_that_was_pointed_here_gets_nothing_at_all(app_url: str, rebound: Browser) -> None:
    place = app_url.replace("127.0.0.1", "evil.example")
    page = rebound.new_page()
    for path in PATHS:
        answer = page.goto(place + path)
        assert answer is not None
        assert answer.status == 421, path
    page.goto(f"{place}/proxies")
    assert "STREAMWISE_ALLOWED_HOSTS" in page.inner_text("body")
    assert page.get_by_role("button").count() == 0, "no button, so nothing that it could press"
    opened = page.evaluate(OPENED, [place.replace("http", "ws"), SOCKETS])
    assert opened == ["refused"] * len(SOCKETS)


def test_a_page_on_another_port_opens_no_socket_and_starts_no_run(app_url: str, page: Page, neighbour: str) -> None:
    page.goto(neighbour)
    assert page.evaluate(OPENED, [app_url.replace("http", "ws"), SOCKETS]) == ["refused"] * len(SOCKETS)
    names = [app_url.replace("127.0.0.1", name) for name in ("127.0.0.1", "h0.localhost", "h1.localhost")]
    page.evaluate(EMBEDDED, [name + path.format(n=n) for n, name in enumerate(names) for path in STARTS])
    assert scraped_gauge(app_url, "runs_active") == 0
    with httpx.Client(base_url=app_url, trust_env=False) as http:
        assert http.get("/api/health").status_code == 200
