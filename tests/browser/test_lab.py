"""The live lab in a real browser: losses are read from the page's counters, open streams from the server."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Request, Route, WebSocket, expect

from tests.browser.labs import ask_shortly, open_streams, pace, shows, until_over
from tests.browser.screen import axe, lab_opens, settle

TRANSPORTS = ("sse", "websocket")
GONE_S = 1.0
"""A page that was left must have closed every stream within this time."""
THREAD = re.compile(r"/api/threads/([0-9a-f-]+)/stream/events")


@pytest.fixture
def expected_errors() -> list[str]:
    # Streamlit's client looks for its server below the page's own path first; the rest is what the lab cuts on purpose.
    return [r"ERR_CONNECTION_RESET", r"ERR_INCOMPLETE_CHUNKED_ENCODING"]


class Opened:
    """The lab's own streams, as the browser opened them."""

    def __init__(self, page: Page) -> None:
        self.urls: dict[str, list[str]] = {"sse": [], "websocket": []}
        self.asked_streamlit = 0
        """Frames sent to Streamlit itself: each one asks for a rerun."""
        page.on("request", self._request)
        page.on("websocket", self._websocket)

    def _request(self, request: Request) -> None:
        if THREAD.search(request.url):
            self.urls["sse"].append(request.url)

    def _websocket(self, websocket: WebSocket) -> None:
        if THREAD.search(websocket.url):
            self.urls["websocket"].append(websocket.url)
        elif "/_stcore/stream" in websocket.url:
            websocket.on("framesent", self._asked)

    def _asked(self, _: str | bytes) -> None:
        self.asked_streamlit += 1

    @property
    def threads(self) -> set[str]:
        return {found[1] for urls in self.urls.values() for url in urls if (found := THREAD.search(url))}


def lab(page: Page, app_url: str, *, short: bool = False) -> Opened:
    """The lab as it opens. `short`: asks a question with a short answer, for a test that does nothing in the middle."""
    opened = Opened(page)
    page.goto(f"{app_url}/lab")
    lab_opens(page)
    settle(page)
    if short:
        ask_shortly(page)
    return opened


def start(page: Page, *, rate: str = "60", approve: bool = False) -> None:
    """A run of about five seconds, long enough to be dropped or stopped in the middle."""
    pace(page, rate)
    page.get_by_test_id("lab-approve").set_checked(approve)
    page.get_by_test_id("lab-start").click()


def until_tokens(page: Page, count: int = 60) -> None:
    """Both panes have received this many events."""
    for transport in TRANSPORTS:
        expect(page.get_by_test_id(f"{transport}-events")).to_have_text(re.compile(r"\d+"))
        page.wait_for_function(
            "([place, count]) => Number(place.textContent) >= count",
            arg=[page.get_by_test_id(f"{transport}-events").element_handle(), count],
        )


def count(page: Page, transport: str, what: str) -> int:
    return int(page.get_by_test_id(f"{transport}-{what}").inner_text())


@pytest.mark.parametrize("resume", [True, False], ids=["resume", "naive"])
def test_drop_loses_nothing_but_where_no_code_resumes(app_url: str, page: Page, resume: bool) -> None:
    lab(page, app_url)
    page.get_by_test_id("lab-resume").set_checked(resume, force=True)
    start(page)
    until_tokens(page)
    page.get_by_test_id("lab-drop").click()
    until_over(page)
    assert (count(page, "sse", "lost"), count(page, "sse", "repeated"), count(page, "sse", "reconnects")) == (0, 0, 1)
    assert count(page, "websocket", "repeated") == 0
    if resume:
        assert (count(page, "websocket", "lost"), count(page, "websocket", "reconnects")) == (0, 1)
        assert page.get_by_test_id("sse-text").inner_text() == page.get_by_test_id("websocket-text").inner_text()
    else:
        assert count(page, "websocket", "lost") > 0
        assert count(page, "websocket", "reconnects") == 0
        expect(page.get_by_test_id("websocket-state")).to_contain_text("closed with code 1006")
    expect(page.get_by_test_id("lab-sentence")).to_contain_text("lost 0")
    websocket = (
        "WebSocket came back with resume code, and lost nothing." if resume else "WebSocket did not come back at all."
    )
    shows(page, f"EventSource came back by itself, and lost nothing. {websocket}")
    said = page.get_by_test_id("lab-so").inner_text()
    expect(page.get_by_test_id("lab-status")).to_have_text(said)


def test_resume_code_switched_on_late_still_catches_up(app_url: str, page: Page) -> None:
    lab(page, app_url)
    start(page)
    until_tokens(page)
    page.get_by_test_id("lab-drop").click()
    expect(page.get_by_test_id("websocket-state")).to_contain_text("closed")
    page.get_by_test_id("lab-resume").check(force=True)
    until_over(page)
    assert [count(page, transport, "lost") for transport in TRANSPORTS] == [0, 0]


def test_stop_ends_both_runs(app_url: str, page: Page) -> None:
    opened = lab(page, app_url)
    page.get_by_text("Two runs, stop them").click()
    start(page)
    until_tokens(page)
    page.get_by_test_id("lab-stop").click()
    until_over(page)
    assert len(opened.threads) == 2
    table = page.get_by_test_id("lab-table")
    after = table.get_by_role("row", name="Tokens that came after Stop").get_by_role("cell").all_inner_texts()
    ended = table.get_by_role("row", name="From Stop to the run").get_by_role("cell").all_inner_texts()
    assert all(int(tokens) < 60 for tokens in after), after
    assert all(cell.endswith(" ms") for cell in ended), ended


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_the_agent_asks_and_goes_on(app_url: str, page: Page, transport: str) -> None:
    lab(page, app_url, short=True)
    start(page, approve=True)
    for pane in TRANSPORTS:
        expect(page.get_by_test_id(f"{pane}-approve")).to_be_visible()
    page.get_by_test_id(f"{transport}-approve").click()
    until_over(page)
    for pane in TRANSPORTS:
        expect(page.get_by_test_id(f"{pane}-approve")).to_be_hidden()
        assert (count(page, pane, "lost"), count(page, pane, "repeated")) == (0, 0)


def test_a_rerun_and_a_new_theme_open_no_second_connection(app_url: str, page: Page) -> None:
    opened = lab(page, app_url)
    start(page)
    until_tokens(page, 40)
    before = opened.asked_streamlit
    page.locator("body").press("r")  # Streamlit's own key: run the page again
    settle(page)
    assert opened.asked_streamlit > before
    page.emulate_media(color_scheme="dark")
    settle(page)
    until_over(page)
    assert {transport: len(urls) for transport, urls in opened.urls.items()} == {"sse": 1, "websocket": 1}
    assert [count(page, transport, "lost") for transport in TRANSPORTS] == [0, 0]
    assert [count(page, transport, "reconnects") for transport in TRANSPORTS] == [0, 0]


def test_no_other_run_begins_while_the_last_one_is_being_kept(app_url: str, page: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/evidence", hold)
    lab(page, app_url, short=True)
    with page.expect_request("**/api/evidence"):
        start(page)
    expect(page.get_by_test_id("lab-sentence")).to_contain_text("same answer")
    shows(page, "until something goes wrong, the transport is not what you notice.")
    expect(page.get_by_test_id("lab-start")).to_be_disabled()
    expect(page.get_by_test_id("lab-open")).to_be_disabled()
    held[0].continue_()
    until_over(page)


def test_a_server_that_does_not_answer_is_named(app_url: str, page: Page, expected_errors: list[str]) -> None:
    expected_errors.append("ERR_FAILED")
    lab(page, app_url, short=True)
    page.route("**/api/threads", lambda route: route.abort())
    page.get_by_test_id("lab-start").click()
    expect(page.get_by_test_id("lab-status")).to_contain_text("does not answer")
    expect(page.get_by_test_id("lab-start")).to_be_enabled()


def test_a_refused_stream_says_why(app_url: str, page: Page, expected_errors: list[str]) -> None:
    expected_errors.append(r"429")
    lab(page, app_url, short=True)
    said = {"error": "too_many_streams", "message": "Your address has 100 streams open, the limit here."}
    page.route("**/stream/events?*", lambda route: route.fulfill(status=429, json=said))
    page.get_by_test_id("lab-start").click()
    expect(page.get_by_test_id("pane-sse")).to_contain_text(said["message"])
    expect(page.get_by_test_id("lab-start")).to_be_enabled()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessible_before_and_after(app_url: str, page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    lab(page, app_url)
    assert axe(page) == []
    start(page)
    until_tokens(page, 30)
    page.get_by_test_id("lab-drop").click()
    expect(page.get_by_test_id("websocket-state")).to_contain_text("closed")
    assert axe(page) == []
    until_over(page)
    assert axe(page) == []


def test_the_keyboard_is_enough(app_url: str, page: Page) -> None:
    lab(page, app_url)
    page.get_by_test_id("lab-start").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("lab-drop")).to_be_focused()
    until_tokens(page)
    page.keyboard.press("Space")
    expect(page.get_by_test_id("websocket-state")).to_contain_text("closed")
    page.get_by_test_id("lab-stop").focus()
    page.keyboard.press("Enter")
    until_over(page)
    expect(page.get_by_test_id("lab-start")).to_be_focused()


def test_leaving_asks_no_more_why_a_stream_was_closed(app_url: str, page: Page) -> None:
    """Chromium closes the streams of a page that is left, and says so, before it tells the page that it is left."""
    page.add_init_script(
        "const Native = EventSource; window.EventSource = class extends Native {"
        " constructor(...given) { super(...given); window.lastSource = this; } }"
    )
    opened = lab(page, app_url)
    start(page, rate="30")
    until_tokens(page, 60)
    page.evaluate(
        "() => { lastSource.close(); lastSource.dispatchEvent(new Event('error'));"
        " window.dispatchEvent(new PageTransitionEvent('pagehide')); }"
    )
    page.wait_for_timeout(GONE_S * 1000)
    assert len(opened.urls["sse"]) == 1, opened.urls["sse"]
    assert open_streams(app_url) == 0
