"""The main job, end to end, as one visitor does it: answer, be advised, watch both protocols, take the record away."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from guide.book import book
from guide.record.saved_record import load
from tests.browser.screen import arrives, record_opens, settle


@pytest.fixture
def expected_errors() -> list[str]:
    # The drop cuts connections on purpose.
    return [
        r"ERR_CONNECTION_RESET|ERR_INCOMPLETE_CHUNKED_ENCODING",
        "WebSocket connection",
    ]


def counter(page: Page, name: str) -> int:
    return int(re.sub(r"\D", "", page.get_by_test_id(name).inner_text()) or -1)


def run_and_drop(page: Page, resume: bool) -> None:
    """One run over both panes, cut in the middle of the answer, to its end."""
    toggle = page.get_by_test_id("lab-resume")
    if toggle.is_checked() != resume:
        toggle.locator("..").click()
    page.get_by_test_id("lab-start").click()
    expect(page.get_by_test_id("lab-start")).to_be_disabled()
    expect(page.get_by_test_id("websocket-text")).to_contain_text("figure to remember", timeout=20_000)
    page.get_by_test_id("lab-drop").click()
    expect(page.get_by_test_id("lab-start")).to_be_enabled(timeout=60_000)
    settle(page)


def test_from_an_example_to_a_record_with_evidence(app_url: str, page: Page, tmp_path: Path) -> None:
    page.goto(app_url)
    settle(page)
    page.locator(".st-key-use_chat-with-approvals button").click()
    settle(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your answers")
    page.locator(".st-key-change_stack button").click()
    settle(page)
    page.get_by_test_id("stRadioOption").filter(has_text="Neither").first.click()
    settle(page)
    page.locator(".st-key-next button").click()
    settle(page)
    page.locator(".st-key-show button").click()
    settle(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("SSE for output, POST for commands")
    page.locator(".st-key-to_lab button").click()
    settle(page)
    arrives(page, lambda url: "/lab?a=1~uplink.approvals" in url)
    # It opens on the scenario that the recommendation points to; this journey takes the one by hand.
    page.locator(".st-key-lab_picked").get_by_text("Side by side", exact=True).click()
    settle(page)

    run_and_drop(page, resume=False)
    assert counter(page, "sse-lost") == 0
    assert counter(page, "sse-repeated") == 0
    assert counter(page, "sse-reconnects") >= 1
    assert counter(page, "websocket-lost") > 0, "the tutorial's client shows what it loses"

    run_and_drop(page, resume=True)
    for transport in ("sse", "websocket"):
        assert counter(page, f"{transport}-lost") == 0
        assert counter(page, f"{transport}-repeated") == 0
        assert counter(page, f"{transport}-reconnects") >= 1

    page.get_by_role("link", name="Decision record").last.click()
    record_opens(page)
    page.get_by_role("textbox", name="Context").fill("A chat for <b>our</b> field engineers.")
    page.get_by_role("textbox", name="Deciders").fill("Platform team, Field tools")
    page.keyboard.press("Tab")
    settle(page)
    files = {}
    for suffix in ("json", "md", "html", "pdf"):
        with page.expect_download() as waited:
            page.locator(f".st-key-get_{suffix} button").click()
        files[suffix] = tmp_path / waited.value.suggested_filename
        waited.value.save_as(files[suffix])
    loaded = load(files["json"].read_bytes(), book())
    assert loaded.record.chosen == "sse"
    assert loaded.record.deciders == "Platform team, Field tools"
    assert {(m.transport, m.lost) for e in loaded.record.evidence for m in e.measurements} >= {
        ("sse", 0),
        ("websocket", 0),
    }
    assert json.loads(files["json"].read_text())["verdict"]["choice"] == "sse"
    text = files["md"].read_text()
    assert "## Decision Outcome" in text
    assert "### Measured:" in text
    assert "<b>our</b>" not in text
    assert "&lt;b&gt;our&lt;/b&gt;" in files["html"].read_text()
    assert files["pdf"].read_bytes().startswith(b"%PDF-")


_FOCUSED = """() => {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  if (!at?.matches("button, a, input, summary")) return ""; // the page itself has all names in it
  return `${at.getAttribute("aria-label") ?? ""} ${at.innerText}`;
}"""
MOST_STEPS = 120
"""How often the Tab key is pressed to get from one end of a page to the other, at most."""


def press(page: Page, name: str) -> None:
    """Walk with the Tab key to what has this name, and press Enter."""
    for _ in range(MOST_STEPS):
        page.keyboard.press("Tab")
        if name in page.evaluate(_FOCUSED):
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"Tab does not reach {name!r}")


def test_keyboard_alone_reaches_a_downloaded_record(app_url: str, page: Page) -> None:
    page.goto(app_url)
    settle(page)
    press(page, book().cases["chat-with-approvals"].title)
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your answers")
    settle(page)
    press(page, "Show the recommendation")
    expect(page.get_by_role("heading", level=1)).to_have_text("SSE for output, POST for commands")
    settle(page)
    press(page, "Write the decision record")
    record_opens(page)
    with page.expect_download() as begun:
        press(page, "Markdown")
    assert begun.value.path().read_text(encoding="utf-8").startswith("---")
