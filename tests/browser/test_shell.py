"""What a visitor sees before the app is there, while its server is away, and where there is no page."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from demos.processes.ports import free_port
from guide.book import book
from tests.browser.labs import choose, run
from tests.browser.running import running_app
from tests.browser.screen import axe, settle
from tests.patience import milliseconds

WORDS = book().words


@pytest.fixture
def expected_errors() -> list[str]:
    away = [r"ERR_(CONNECTION|EMPTY)", r"Client Error in reaching", r"not responding", r"WebSocket"]
    return [*away, r"404 .*/st/no/such/page"]


def test_without_scripts_a_page_has_its_title_its_line_and_our_colours(app_url: str, browser: Browser) -> None:
    """So it is, too, until they have come."""
    context = browser.new_context(java_script_enabled=False, color_scheme="dark")
    page = context.new_page()
    page.goto(f"{app_url}/lab", wait_until="domcontentloaded")
    assert page.title() == "Lab · Streamwise"
    first = page.locator("#sw-first")
    expect(first.get_by_text(WORDS["shell.line"])).to_be_visible()
    expect(first.locator("noscript p")).to_be_visible()
    expect(first).to_have_css("background-color", "rgb(23, 22, 21)")
    context.close()


def test_a_page_and_its_evidence_come_back_with_the_server(page: Page, tmp_path: Path) -> None:
    port, away = free_port(), page.locator("#sw-away")
    kept = {"STREAMWISE_EVIDENCE_FOLDER": str(tmp_path / "evidence")}
    with running_app(tmp_path / "first", kept, port, "st") as url:
        choose(page, url, "plain")
        run(page)
        (measured,) = parse_qs(urlsplit(page.url).query)["e"]
        page.goto(f"{url}/no/such/page")
        expect(page.get_by_role("heading", level=1)).to_have_text(WORDS["shell.missing"])
        assert axe(page) == []
        page.get_by_role("link", name=WORDS["nav.ask"], exact=True).click()
        settle(page)
        expect(page.locator(".st-key-hero")).to_contain_text(WORDS["start.private_here"])
        page.locator(".st-key-begin button").click()
        settle(page)
        expect(away).to_be_empty()
    expect(away).to_have_text(WORDS["shell.stopped"], timeout=milliseconds(30_000))
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert [fault for fault in axe(page) if "sw-away" in fault] == []  # what Streamlit switches off, it makes pale
    with running_app(tmp_path / "second", kept, port, "st"):
        expect(away).to_be_empty(timeout=milliseconds(30_000))
        settle(page)
        question = page.get_by_role("heading", level=1).inner_text()
        page.go_back()
        settle(page)
        expect(page.get_by_role("heading", level=1)).to_have_text(WORDS["start.title"])
        page.go_forward()
        settle(page)
        expect(page.get_by_role("heading", level=1)).to_have_text(question)
        assert page.url.startswith(f"{url}/?at=")
        page.goto(f"{url}/record?a=1~uplink.nothing&e={measured}")
        settle(page)
        expect(page.locator(f".st-key-e_{measured}")).to_contain_text(WORDS["scenario.plain.title"])
        expect(page.get_by_text(WORDS["record.evidence_expired"])).to_have_count(0)
        expect(page.get_by_text(WORDS["record.evidence_unverified"])).to_have_count(0)
