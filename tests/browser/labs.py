"""Driving a scenario of the lab: choose, predict, run, and read the page's own counters."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import httpx
from playwright.sync_api import Page, expect

from guide.book import book
from tests.browser.screen import lab_opens, settle
from tests.patience import milliseconds

LONGEST_MS = milliseconds(120_000)
"""No scenario takes longer."""
KEPT = re.compile(r"Kept for your decision record: the run of \d\d:\d\d:\d\d UTC")
"""And which run it is that was kept."""
AGAIN = 5
SPOILED = book().words["lab.so.not"].partition("{")[0].strip()
"""How the sentence of a run begins that did not show its point."""
OPENS_MS = milliseconds(20_000)
"""A page opens in a second or two; on a busy machine it may take its time, which no test is about."""


SHORT = "Safari"
"""A question that few facts bear on: its answer has about 80 tokens, where the usual one has 300."""


def choose(page: Page, app_url: str, scenario: str, *, whole: bool = False, **choices: str) -> None:
    """Open the lab on a scenario, and take these variants of it: group -> option, as its script names them.

    `whole`: asks the question that stands there, for a test that needs a long answer; else one with a short answer.
    """
    page.goto(f"{app_url}/lab?s={scenario}")
    lab_opens(page)
    settle(page)
    if not whole:
        ask_shortly(page)
    for group, option in choices.items():
        page.get_by_test_id(f"lab-{group}").locator(f"input[value={option}]").check(force=True)


def ask_shortly(page: Page) -> None:
    page.get_by_test_id("lab-question").evaluate("(input, question) => (input.value = question)", SHORT)


def pace(page: Page, rate: str) -> None:
    """Tokens a second; the set-up of a page that has had a run is opened for it."""
    setup, settings = page.get_by_test_id("lab-setup"), page.get_by_test_id("lab-settings")
    if setup.is_visible() and setup.get_attribute("aria-expanded") == "false":
        setup.click()
    if settings.get_attribute("aria-expanded") == "false":
        settings.click()
    page.get_by_label(rate, exact=True).check(force=True)


def predict(page: Page, expected: str) -> None:
    page.get_by_test_id("lab-predict").locator(f"input[value={expected}]").check(force=True)


def run(page: Page, rate: str | None = None) -> None:
    """Press Start, and wait until the run is over and kept.

    On a busy machine a run may not show its point. The page says so, keeps nothing and asks for another: as often as a
    person would do it, so do we.
    """
    if rate is not None:
        pace(page, rate)
    for _ in range(AGAIN):
        page.get_by_test_id("lab-start").click()
        expect(page.get_by_test_id("lab-start")).to_be_enabled(timeout=LONGEST_MS)
        if SPOILED not in page.get_by_test_id("lab-so").inner_text():
            break
    until_over(page)


def until_over(page: Page) -> None:
    expect(page.get_by_test_id("lab-start")).to_be_enabled(timeout=LONGEST_MS)
    expect(page.get_by_text(KEPT)).to_be_visible()


def shows(page: Page, told: str) -> None:
    """The one sentence of the run begins so: what it has shown, by its own figures."""
    expect(page.get_by_test_id("lab-so")).to_have_text(re.compile(f"^So: {re.escape(told)}"))


def row(page: Page, figure: str) -> list[float | None]:
    """One figure of every pane, in the order of the panes; None where nobody could measure it."""
    cells = page.get_by_test_id("lab-table").locator(f"tr[data-figure={figure}] td").all_inner_texts()
    found = (re.sub(r"[^0-9.]", "", cell) for cell in cells)
    return [float(text) if text else None for text in found]


def scraped(app_url: str, name: str, transport: str) -> float:
    """A figure of the server's own, for one transport; 0 where it has counted none yet."""
    text = httpx.get(f"{app_url}/api/metrics").text
    found = re.search(rf'^streamwise_{name}{{[^}}]*transport="{transport}"[^}}]*}} (\S+)$', text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def scraped_gauge(app_url: str, name: str) -> float:
    """A figure of the server's own that has no labels."""
    text = httpx.get(f"{app_url}/api/metrics").text
    found = re.search(rf"^streamwise_{name} (\S+)$", text, re.MULTILINE)
    assert found, name
    return float(found[1])


def open_streams(app_url: str) -> int:
    """Streams that are open on the server, whoever opened them."""
    return round(sum(scraped(app_url, "streams", transport) for transport in ("sse", "websocket")))


def until_streams(app_url: str, holds: Callable[[int], bool], seconds: float) -> int:
    """Wait until that holds of the number of open streams; gives the last number that was seen."""
    ends = time.monotonic() + seconds
    while not holds(seen := open_streams(app_url)) and time.monotonic() < ends:
        time.sleep(0.03)  # between two looks at the server's own count
    return seen
