"""The wire view: what passed, beside each other, counted as the server counts, and without holding the page up."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.labs import choose, pace, run, scraped
from tests.browser.screen import axe

IDLE = "window.tasks = []; new PerformanceObserver(list => tasks.push(...list.getEntries().map(e => e.duration)))"
LONG_TASKS = f"() => {{ {IDLE}.observe({{type: 'longtask'}}) }}"
"""Durations of what held the main thread for more than 50 ms, from now on, as window.tasks."""
ATTEMPTS = 4
"""The machine may be busy with something else; what the page itself does is the same each time."""
WATCHED_MS = 3000


@pytest.fixture
def expected_errors() -> list[str]:
    return [r"ERR_CONNECTION_RESET", r"ERR_INCOMPLETE_CHUNKED_ENCODING"]


def started(page: Page, rate: str) -> None:
    pace(page, rate)
    page.get_by_test_id("lab-start").click()
    page.wait_for_function(
        "place => Number(place.textContent) > 20", arg=page.get_by_test_id("websocket-events").element_handle()
    )


def summed(page: Page, pane: str) -> tuple[int, int]:
    """Payload and framing of one pane, in bytes."""
    told = page.get_by_test_id(f"{pane}-wire-sum").inner_text()
    found = re.search(r"([\d,]+) B payload, ([\d,]+) B framing", told)
    assert found, told
    payload, framing = (int(number.replace(",", "")) for number in found.groups())
    return payload, framing


def test_what_the_page_computes_is_what_the_server_has_sent(app_url: str, page: Page) -> None:
    before = {transport: scraped(app_url, "sent_bytes_total", transport) for transport in ("sse", "websocket")}
    choose(page, app_url, "plain", mode="one")
    page.get_by_test_id("lab-wire").click()
    run(page, rate="60")
    sent = {transport: scraped(app_url, "sent_bytes_total", transport) - before[transport] for transport in before}
    # The event stream's events, lines and all; of the WebSocket's, the events alone: commands and their answers are
    # in the page's figure besides.
    assert sum(summed(page, "sse")) == sent["sse"]
    payload, framing = summed(page, "websocket")
    assert 0 < payload - sent["websocket"] < 1500
    assert framing < summed(page, "sse")[1]


def test_lines_and_frames_of_a_moment_stand_side_by_side(app_url: str, page: Page) -> None:
    choose(page, app_url, "plain", whole=True, mode="one")
    page.get_by_test_id("lab-wire").click()
    run(page, rate="60")
    rows = page.get_by_test_id("lab-wire-rows")
    assert 150 <= rows.locator(".moment").count() <= 200
    expect(rows.locator(".moment > div:nth-of-type(1)", has_text="event: lifecycle").last).to_contain_text(
        re.compile(r"id: [0-9a-f]{8}-\d+\s*event: lifecycle\s*data: {")
    )
    bold = rows.locator(".moment p b").all_inner_texts()
    assert {"id:", "event:", "data:", "opcode:", "length:", "mask:"} <= set(bold)
    # The same event on both sides of a row, wherever both sides are there.
    pairs = rows.evaluate(
        "rows => [...rows.children].map(row => [...row.querySelectorAll(':scope > div')].map(cell => cell.innerText))"
        ".filter(cells => cells.every(Boolean))"
    )
    assert len(pairs) >= 10
    texts = [[re.findall(r'"text":("[^"]*")', cell) for cell in cells] for cells in pairs]
    assert all(left == right for left, right in texts)
    assert axe(page) == []


def test_a_long_text_is_spelt_out_by_a_click_and_all_of_them_by_one_button(app_url: str, page: Page) -> None:
    choose(page, app_url, "plain", mode="one")
    run(page, rate="60")
    page.get_by_test_id("lab-wire").click()
    cells = page.get_by_test_id("lab-wire-rows").locator(".moment > div")
    spelt_out = cells.filter(
        has_text="timestamp"
    )  # whichever it was: rows still come, so the last is not always the same
    expect(cells.filter(has_text="opcode:").last).to_contain_text("…")
    expect(spelt_out).to_have_count(0)
    cells.filter(has_text="opcode:").last.locator(".more").first.click()
    expect(spelt_out).to_have_count(1)
    page.get_by_test_id("lab-whole").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("lab-wire-rows").locator(".more")).to_have_count(0)
    page.get_by_test_id("lab-wire-rows").focus()
    expect(page.get_by_test_id("lab-wire-rows")).to_be_focused()


def test_nothing_around_it_moves_while_rows_come(app_url: str, page: Page) -> None:
    choose(page, app_url, "plain", whole=True, mode="one")
    page.get_by_test_id("lab-wire").click()
    places = [page.get_by_test_id(name) for name in ("pane-sse", "lab-wire-view", "lab-timeline", "lab-result")]
    started(page, "60")
    before = [place.bounding_box() for place in places]
    page.wait_for_function(
        "place => Number(place.textContent) > 120", arg=page.get_by_test_id("sse-events").element_handle()
    )
    assert [place.bounding_box() for place in places] == before


@pytest.mark.quiet
@pytest.mark.parametrize("wire", ["open", "shut"])
def test_no_long_task_that_an_idle_page_has_not(app_url: str, page: Page, wire: str) -> None:
    choose(page, app_url, "plain", whole=True, mode="one")
    if wire == "open":
        page.get_by_test_id("lab-wire").click()
    page.evaluate(LONG_TASKS)
    longer: list[float] = []
    for _ in range(ATTEMPTS):
        page.evaluate("() => void (tasks.length = 0)")
        page.wait_for_timeout(WATCHED_MS)  # the measurement itself: so long it is idle, and so long it is busy
        idle = max(page.evaluate("() => tasks"), default=50.0)
        started(page, "30")
        page.evaluate("() => void (tasks.length = 0)")
        page.wait_for_timeout(WATCHED_MS)
        longer = [duration for duration in page.evaluate("() => tasks") if duration > idle]
        page.get_by_test_id("lab-stop").click()
        expect(page.get_by_test_id("lab-start")).to_be_enabled()
        if not longer:
            break
    assert longer == []
