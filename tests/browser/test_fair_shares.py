"""One address takes all that it can, and a visitor beside it makes the journey in a real browser."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import websocket
from playwright.sync_api import Page, expect

from guide.book import book
from guide.record.saved_record import load
from tests.browser.labs import ask_shortly, row, until_over
from tests.browser.running import running_app
from tests.browser.screen import lab_opens, record_opens, settle

GREEDY = "127.0.0.2"
"""Another address of this machine: the server counts it apart from the browser's."""
IN_ALL = {"RUNS": 6, "THREADS": 30, "PAGES": 9, "STREAMS": 24, "EVIDENCE": 20}
SHARE = {"CLIENT_RUNS": 3, "CLIENT_THREADS": 20, "CLIENT_PAGES": 6, "CLIENT_STREAMS": 12, "CLIENT_EVIDENCE": 10}
ALL_TO_ONE = {f"CLIENT_{name}": most for name, most in IN_ALL.items()}
"""As it was before there were shares: whoever comes first may take it all."""
SLOW = {"n_tokens": 5000, "rate": 1, "first_token_ms": 60_000}
QUESTION = {"messages": [{"role": "user", "content": "What about reconnecting?"}]}


@contextmanager
def app(log: Path, shares: dict[str, int]) -> Iterator[str]:
    with running_app(log, {f"STREAMWISE_MAX_{name}": str(most) for name, most in {**IN_ALL, **shares}.items()}) as url:
        yield url


def page_socket(url: str, address: str) -> socket.socket | None:
    """A WebSocket as every page of the app opens one, from that address. None: refused."""
    at = urlsplit(url)
    line = socket.create_connection((at.hostname or "", at.port or 80), source_address=(address, 0))
    try:
        websocket.create_connection(f"ws://{at.netloc}/_stcore/stream", socket=line, origin=url)
    except websocket.WebSocketBadStatusException as refused:
        line.close()
        if refused.status_code not in (429, 503):
            raise
        return None
    return line


def run_started(http: httpx.Client) -> bool:
    made = http.post("/threads", json={})
    if not made.is_success:
        return False
    frame = {"id": 1, "method": "run.start", "params": {"input": QUESTION, "config": {"configurable": SLOW}}}
    thread, own = made.json()["thread_id"], {"Authorization": f"Bearer {made.json()['key']}"}
    return bool(http.post(f"/threads/{thread}/commands", json=frame, headers=own).json()["type"] == "success")


@contextmanager
def greed(url: str) -> Iterator[dict[str, int]]:
    """While it lasts one address holds all that it was given; gives how much of each that was."""
    with ExitStack() as held:
        transport = httpx.HTTPTransport(local_address=GREEDY)
        http = held.enter_context(httpx.Client(base_url=f"{url}/api", transport=transport, timeout=30, trust_env=False))
        taken = {"PAGES": 0, "STREAMS": 0}
        while line := page_socket(url, GREEDY):
            held.callback(line.close)
            taken["PAGES"] += 1
        thread = http.post("/threads", json={}).json()["thread_id"]
        for _ in range(2 * IN_ALL["STREAMS"]):
            stream = http.stream("GET", f"/threads/{thread}/stream/events?channels=lifecycle")
            taken["STREAMS"] += held.enter_context(stream).status_code == 200
        taken["RUNS"] = sum(run_started(http) for _ in range(2 * IN_ALL["RUNS"]))
        for _ in range(3 * IN_ALL["THREADS"]):
            http.post("/threads", json={})
        yield taken


def test_the_visitor_finishes_beside_an_address_that_takes_all_it_can(page: Page, tmp_path: Path) -> None:
    with app(tmp_path / "log", SHARE) as url, greed(url) as taken:
        assert taken == {name: SHARE[f"CLIENT_{name}"] for name in taken}
        page.goto(url)
        settle(page)
        page.locator(".st-key-use_chat-with-approvals button").click()
        settle(page)
        page.locator(".st-key-show button").click()
        settle(page)
        expect(page.get_by_role("heading", level=1)).to_have_text("SSE for output, POST for commands")
        page.locator(".st-key-to_lab button").click()
        lab_opens(page)
        settle(page)
        page.locator(".st-key-lab_picked").get_by_text("Side by side", exact=True).click()
        settle(page)
        ask_shortly(page)
        page.get_by_test_id("lab-start").click()
        until_over(page)
        assert row(page, "lost") == [0, 0]
        page.get_by_role("link", name="Decision record").last.click()
        record_opens(page)
        with page.expect_download() as waited:
            page.locator(".st-key-get_json button").click()
        waited.value.save_as(tmp_path / "record.json")
        (one,) = load((tmp_path / "record.json").read_bytes(), book()).record.evidence
        assert {(m.transport, m.lost) for m in one.measurements} == {("sse", 0), ("websocket", 0)}


def test_without_shares_nothing_is_left_for_others(tmp_path: Path) -> None:
    """What the test above would be worth nothing without: the same greed takes it all where nothing is shared out."""
    with app(tmp_path / "log", ALL_TO_ONE) as url, greed(url) as taken:
        assert taken == {name: IN_ALL[name] for name in taken}
        assert page_socket(url, "127.0.0.1") is None, "the app cannot even be opened"
        with httpx.Client(base_url=f"{url}/api", trust_env=False) as http:
            assert not run_started(http)
