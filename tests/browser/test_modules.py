"""The browser's modules without Streamlit: a plain page reads a run with them; the loader by itself."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from demos.server.browser_modules import FOLDER, modules_path
from tests.demos.toys import Served, served

PLACE = "http://localhost:9"
"""Nobody listens there: the test answers."""
ENTRY = """
export const mount = (place, data, streamlit) => {
  window.told.push(["mount", data[0].n]);
  place.append("mounted");
  return { update: (data) => window.told.push(["update", data[0].n]), stop: () => window.told.push(["stop"]) };
};
"""
_READ = """async ([modules, thread, kind]) => {
  const { EventSourceStream, SocketStream } = await import(`${modules}/transports/streams.js`);
  const { FetchStream } = await import(`${modules}/transports/fetch.js`);
  const { request } = await import(`${modules}/transports/api.js`);
  const path = `/api/threads/${thread}`;
  const heard = [];
  const over = Promise.withResolvers();
  const hooks = { heard() {}, beat() {}, tried() {}, back() {}, wire() {} };
  const given = { rate: 0, first_token_ms: 0, n_tokens: 5 };
  const input = { messages: [{ role: "user", content: "What about reconnecting?" }] };
  hooks.state = (state) => {
    if (state !== "open") return;
    const params = { input, config: { configurable: given } };
    request(`${path}/commands`, { id: 1, method: "run.start", params }, {}).catch(over.reject);
  };
  hooks.event = ({ method, params: { data } }) => {
    if (data.delta) heard.push(data.delta.text);
    if (method === "lifecycle" && data.event === "completed") over.resolve();
  };
  const Stream = { EventSource: EventSourceStream, fetch: FetchStream, WebSocket: SocketStream }[kind];
  const stream = new Stream(new URL(`${path}/stream/events`, location.href).href, hooks, { resume: () => true });
  stream.open();
  await over.promise;
  stream.close();
  return heard.join("");
}"""
_CALL = """async (calls) => {
  const { default: called } = await import("/loader.js");
  window.told = [];
  const place = document.querySelector("main");
  const parts = { parentElement: place, setStateValue() {}, setTriggerValue() {} };
  const data = (n, revision) => [{ n, revision, modules: "/m", entry: "entry.js", words: { "lab.load.failed": "Not loaded.", "lab.load.again": "Try again" } }];
  window.cleanups = calls.map(([n, revision]) => called({ ...parts, data: data(n, revision) }));
}"""  # noqa: E501


@pytest.fixture
def site() -> Iterator[Served]:
    with ThreadPoolExecutor(1) as pool:  # as Playwright has an event loop of its own in this thread
        server = served()
        yield pool.submit(server.__enter__).result()
        pool.submit(server.__exit__, None, None, None).result()


@pytest.fixture
def expected_errors() -> list[str]:
    return [r"status of 404 .*(favicon|/m/)", r"ERR_FAILED"]


@pytest.mark.parametrize("kind", ["EventSource", "fetch", "WebSocket"])
def test_a_plain_page_reads_a_run(site: Served, page: Page, kind: str) -> None:
    page.goto(f"{site.api}/blank")
    text = page.evaluate(_READ, [f"/api/{modules_path()}", site.thread(), kind])
    assert text == "word0 word1 word2 word3 word4 "


def serve(page: Page, failing: int = 0) -> list[str]:
    """An empty page, the loader, and a module that cannot be had at first."""
    asked: list[str] = []

    def answer(route: Route) -> None:
        url = route.request.url
        if url.endswith("/entry.js"):
            asked.append(url.removeprefix(PLACE))
            if len(asked) <= failing:
                route.abort()
            else:
                route.fulfill(body=ENTRY, content_type="text/javascript")
        elif url.endswith("/loader.js"):
            route.fulfill(body=(FOLDER / "loader.js").read_text(encoding="utf-8"), content_type="text/javascript")
        else:
            route.fulfill(body='<main><div class="lab">bare</div></main>', content_type="text/html")

    page.route(f"{PLACE}/**", answer)
    page.goto(PLACE)
    return asked


def told(page: Page) -> list[Any]:
    found: list[Any] = page.evaluate("() => window.told")
    return found


def test_quick_calls_mount_once_and_with_the_newest_data(page: Page) -> None:
    asked = serve(page)
    page.evaluate(_CALL, [["first", 1], ["newest", 3], ["late", 2]])
    expect(page.locator("main")).to_contain_text("mounted")
    expect(page.locator(".lab")).to_be_visible()
    assert (asked, told(page)) == (["/m/entry.js"], [["mount", "newest"]])
    page.evaluate("async () => { cleanups[0](); cleanups[1](); await new Promise((over) => setTimeout(over, 20)); }")
    assert told(page) == [["mount", "newest"]]
    page.evaluate("async () => { cleanups[2](); await new Promise((over) => setTimeout(over, 20)); }")
    assert told(page) == [["mount", "newest"], ["stop"]]


def test_what_is_gone_before_its_module_comes_is_not_mounted(page: Page) -> None:
    serve(page)
    page.evaluate(f"async (calls) => {{ await ({_CALL})(calls); cleanups[0](); }}", [["only", 1]])
    page.wait_for_timeout(300)
    assert told(page) in ([], [["mount", "only"], ["stop"]])


def test_a_module_that_cannot_be_had_is_said_and_tried_again(page: Page) -> None:
    asked = serve(page, failing=2)
    page.evaluate(_CALL, [["first", 1]])
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Not loaded.")
    alert.get_by_role("button", name="Try again").click()
    expect(alert).to_contain_text("Not loaded.")
    alert.get_by_role("button", name="Try again").click()
    expect(page.locator("main")).to_contain_text("mounted")
    expect(alert).to_have_count(0)
    assert asked == ["/m/entry.js", "/m.1/entry.js", "/m.2/entry.js"]
