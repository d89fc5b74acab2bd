"""The browser's starter code in a real Chromium, as it stands, with every server that belongs to it."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route

from demos.faults import Ending
from guide.book import KNOWLEDGE, book
from tests.guide.started import PATIENT_S, SERVERS, SILENCE_S, WAIT_S, Served, Start, said, serving, start_run

PAGES = {key: s for key, s in book().snippets.items() if s.side == "client" and s.language == "javascript"}
CLIENTS = {key: s for key, s in PAGES.items() if key != "client-post-browser"}
"""Those that resume."""
PAIRS = [
    (server, client) for server in SERVERS for client in CLIENTS if SERVERS[server].option == CLIENTS[client].option
]
PROMPT = "Why a heartbeat? Ça m'intéresse."
LONG = "Why a heartbeat? " * 60
"""The snippets' agent repeats it, a character at a time: an answer of several seconds, to be interrupted."""
BEARER = "Bearer secret"
SCRIPT = """
  import { ask } from "./%s";
  window.begin = async (prompt, silence) => {
    const hooks = { text: (text) => (window.text += text), ended: (status) => window.ended.push(status) };
    Object.assign(window, { text: "", ended: [] });
    window.answer = await ask(prompt, hooks, { silence, authorization: () => "Bearer secret" });
  };
  window.ready = true;
"""
# Keeps what the page opens, to be looked at; behaves as before otherwise.
OPENED = """
window.opened = [];
for (const name of ["EventSource", "WebSocket"]) {
  window[name] = class extends window[name] {
    constructor(...given) { super(...given); window.opened.push(this); }
  };
}
"""


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    with ExitStack() as stack:

        @functools.cache
        def start(key: str) -> Served:
            return stack.enter_context(serving(key, tmp_path_factory.mktemp(key) / "copy"))

        yield start


@pytest.fixture
def expected_errors() -> list[str]:
    return [
        r"ERR_CONNECTION_RESET",
        r"ERR_INCOMPLETE_CHUNKED_ENCODING",
        r"WebSocket connection to .* failed",
        r"404 .*/page",
        r"502 .*/events",
    ]


def _fulfil(path: Path, route: Route) -> None:
    route.fulfill(path=path)


class Visit:
    """A page of the server's own origin that has loaded one client snippet."""

    def __init__(self, page: Page, served: Served, client: str) -> None:
        self.page, self.served, file = page, served, PAGES[client].file
        self.requests: list[Request] = []
        page.on("request", lambda request: self.requests.append(request))
        page.add_init_script(OPENED)
        page.set_default_timeout(WAIT_S * 1000)
        base = f"http://127.0.0.1:{served.relay_port}"
        for name in {file, PAGES["client-sse-fetch"].file}:  # the parser of one is used by another
            path = KNOWLEDGE / "snippets" / name
            page.route(f"{base}/{name}", functools.partial(_fulfil, path))
        # The server's own answer, if only its 404: Chromium lets no page of unknown address open local sockets.
        page.goto(f"{base}/page")
        page.add_script_tag(content=SCRIPT % file, type="module")
        page.wait_for_function("window.ready")
        self._before = len(served.streams())

    def begin(self, silence_s: float = PATIENT_S, prompt: str = PROMPT) -> None:
        self.page.evaluate("given => window.begin(...given)", [prompt, silence_s * 1000])

    def until_text(self, count: int = 20) -> None:
        self.page.wait_for_function("count => window.text.length >= count", arg=count)

    def end(self) -> str:
        """How the run ended, once it has."""
        self.page.wait_for_function("window.ended.length > 0")
        ended = self.page.evaluate("window.ended")
        assert len(ended) == 1, ended
        return str(ended[0])

    @property
    def text(self) -> str:
        return str(self.page.evaluate("window.text"))

    @property
    def opened(self) -> int:
        return len(self.served.streams()) - self._before

    def nothing_is_open(self) -> None:
        """Nothing is left that could ask again. 2 is CLOSED for an EventSource, CLOSING for a WebSocket."""
        self.page.wait_for_function("window.opened.every((each) => each.readyState >= 2)")


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A visitor with connections of their own: one that was silenced in the test before would be used again."""
    with browser.new_context() as found:
        yield found


@pytest.fixture
def visit(request: pytest.FixtureRequest, page: Page, started: Start) -> Visit:
    server, client = request.param
    return Visit(page, started(server), client)


def each(pairs: list[tuple[str, str]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("visit", pairs, indirect=True, ids=["-with-".join(pair) for pair in pairs])


def with_(client: str) -> list[tuple[str, str]]:
    return [pair for pair in PAIRS if pair[1] == client]


each_pair = each(PAIRS)
each_client = each([with_(client)[0] for client in CLIENTS])
"""Where the page alone is looked at, any server will do."""


@pytest.mark.quiet
@each_pair
def test_a_whole_run_through_a_silence_is_one_connection(visit: Visit) -> None:
    """The agent's tool is silent for longer than the watchdog waits: only heartbeats keep the connection."""
    visit.begin(SILENCE_S)
    assert visit.end() == "completed"
    assert visit.text == said(PROMPT)
    assert visit.opened == 1
    visit.nothing_is_open()


@each_pair
def test_a_cut_loses_nothing_and_repeats_nothing(visit: Visit) -> None:
    visit.begin()
    visit.until_text()
    visit.served.cut(Ending.RESET)
    assert visit.end() == "completed"
    assert visit.text == said(PROMPT)
    assert visit.opened == 2
    visit.nothing_is_open()


@each_client
def test_a_dead_path_loses_nothing_and_repeats_nothing(visit: Visit) -> None:
    """Nobody is told: only the watchdog notices."""
    visit.begin(SILENCE_S)
    visit.until_text()
    visit.served.cut(Ending.SILENT)
    assert visit.end() == "completed"
    assert visit.text == said(PROMPT)
    assert visit.opened >= 2
    visit.nothing_is_open()


@each_pair
def test_a_stop_ends_the_run_and_not_only_the_listening(visit: Visit) -> None:
    visit.begin()
    visit.until_text()
    visit.page.evaluate("window.answer.stop()")
    assert visit.end() == "stopped"
    assert said(PROMPT).startswith(visit.text)
    assert 20 <= len(visit.text) < len(said(PROMPT))
    visit.nothing_is_open()


@each_client
def test_a_closed_answer_listens_no_more(visit: Visit) -> None:
    visit.begin()
    visit.until_text()
    visit.page.evaluate("window.answer.close()")
    visit.nothing_is_open()
    assert visit.page.evaluate("window.ended") == []
    assert visit.opened == 1


@each([*with_("client-sse-browser")[:1], *with_("client-ws-browser")[:1]])
def test_a_page_that_is_left_and_restored_goes_on(visit: Visit) -> None:
    leave = "dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))"
    visit.begin()
    visit.until_text()
    visit.page.evaluate(leave)
    visit.nothing_is_open()
    visit.page.evaluate(leave.replace("pagehide", "pageshow"))
    assert visit.end() == "completed"
    assert visit.text == said(PROMPT)
    assert visit.opened == 2


@each(with_("client-sse-browser"))
def test_a_plain_eventsource_ends_on_204(visit: Visit) -> None:
    """Without the snippet: the server alone keeps the finished answer from being asked for again and again."""
    run = start_run(visit.served, "Hm?").replace(str(visit.served.port), str(visit.served.relay_port))
    visit.page.evaluate("url => { new EventSource(url + '/events') }", run)
    visit.nothing_is_open()
    asked = [request for request in visit.requests if request.url.startswith(run)]
    assert [request.response().status for request in asked] == [200, 204]  # type: ignore[union-attr]


@each(with_("client-sse-browser")[:1])
def test_one_wrong_status_ends_an_eventsource_but_not_the_snippet(visit: Visit) -> None:
    """A proxy whose server restarts answers 502 once; EventSource then gives up for good."""
    answers = iter([502])

    def once(route: Any) -> None:
        status = next(answers, None)
        route.fulfill(status=status) if status else route.continue_()

    visit.page.route("**/events?*", once)
    visit.begin()
    assert visit.end() == "completed"
    assert visit.text == said(PROMPT)
    assert visit.page.evaluate("window.opened.length") == 2


@each(with_("client-sse-fetch")[:1])
def test_fetch_carries_the_header_and_resumes_by_id(visit: Visit) -> None:
    visit.begin()
    visit.until_text()
    visit.served.cut(Ending.RESET)
    assert visit.end() == "completed"
    ours = [request for request in visit.requests if "/runs" in request.url]
    assert {request.headers.get("authorization") for request in ours} == {BEARER}
    seen = [int(request.headers["last-event-id"]) for request in ours if request.url.endswith("/events")]
    assert seen[0] == 0
    assert seen[-1] >= 20


PARSED = [
    (["data: a\n\n"], [{"data": "a"}]),
    (["data: a\r\ndata:b\r", "\n\r\n"], [{"data": "a\nb"}]),
    (["id: 1\rdata\r\rdata: x"], [{"id": "1", "data": ""}]),
    ([": comment\n\nevent: e\n\ndata:  a: b\n", "\n"], [{"data": " a: b"}]),
]


@each(with_("client-sse-fetch")[:1])
def test_the_parser_follows_the_standard(visit: Visit) -> None:
    script = """async ([file, chunks]) => {
      const parser = new (await import(`./${file}`)).Parser();
      return chunks.flatMap((chunk) => [...parser.feed(chunk)]);
    }"""
    for chunks, events in PARSED:
        assert visit.page.evaluate(script, [CLIENTS["client-sse-fetch"].file, chunks]) == events


each_post = each([("server-post-fastapi", "client-post-browser")])


@each_post
def test_one_post_is_the_whole_run_and_is_never_repeated(visit: Visit) -> None:
    visit.begin()
    assert visit.end() == "completed"
    assert visit.text == said(PROMPT)
    visit.begin(prompt=LONG)
    visit.until_text()
    visit.served.cut(Ending.RESET)
    assert visit.end() == "lost"
    assert visit.opened == 2, "a POST is not repeated unseen"
    assert 20 <= len(visit.text) < len(said(LONG))


@each_post
def test_stop_closes_the_response_of_the_post(visit: Visit) -> None:
    visit.begin(prompt=LONG)
    visit.until_text()
    visit.page.evaluate("window.answer.stop()")
    assert visit.end() == "stopped"
    assert len(visit.text) < len(said(LONG))
