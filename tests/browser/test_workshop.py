"""The page that opens a workshop's room: code and links, what it says when a phone has come, and the report."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import Page, expect

from tests.browser.labs import OPENS_MS
from tests.browser.screen import axe, settle
from tests.demos.toys import until
from tests.pdf_text import pages


def plays_a_round(room: str, secret: str) -> None:
    """The first round, as five pages would tell of it that have lost most of the answer."""
    lead = {"Authorization": f"Bearer {secret}"}
    joined = [httpx.post(f"{room}/join", json={"kind": "laptop", "browser": "Chrome"}).json()["key"] for _ in range(5)]

    def phase() -> str:
        found: str = httpx.get(f"{room}/state", headers=lead).json()["phase"]
        return found

    def press() -> None:
        turn = httpx.get(f"{room}/state", headers=lead).json()["turn"]
        httpx.post(f"{room}/do", headers=lead, json={"what": "next", "turn": turn}).raise_for_status()

    press()
    press()
    until(lambda: phase() == "running")
    seen = {"transport": "sse", "client": "EventSource", "at": [1, 2], "seq": [1, 2], "token": [False, False]}
    for key in joined:
        with httpx.stream("GET", f"{room}/stream/events?as={key}") as opened:
            assert opened.status_code == 200
        said = {"what": "receipt", "round": 1, "receipts": [seen]}
        httpx.post(f"{room}/say", headers={"Authorization": f"Bearer {key}"}, json=said).raise_for_status()
    press()
    until(lambda: phase() == "reveal")


def ended(room: str, secret: str) -> None:
    """End it, unless it has ended."""
    keys = {"Authorization": f"Bearer {secret}"}
    state = httpx.get(f"{room}/state", headers=keys).json()
    if state["phase"] != "ended":
        said = {"what": "end", "turn": state["turn"]}
        httpx.post(f"{room}/do", headers=keys, json=said).raise_for_status()


def test_a_room_is_opened_a_phone_is_seen_and_the_report_taken(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/workshop")
    expect(page.get_by_role("heading", name="Workshop", exact=True)).to_be_visible(timeout=OPENS_MS)
    settle(page)
    page.get_by_text("15 minutes: three rounds").click()
    page.get_by_role("button", name="Open a room").click()
    code = page.locator(".sw-qr span")
    expect(code).to_be_visible(timeout=OPENS_MS)
    lead = page.get_by_role("link", name="Lead page").get_attribute("href") or ""
    where = urlsplit(lead)
    room = f"{app_url}/api/rooms/{code.inner_text()}"
    secret, view = where.fragment.split(".")  # with the key of the wall that the lead's page links to
    assert where.path == f"/r/{code.inner_text()}/lead"
    wall = page.get_by_role("link", name="Wall").get_attribute("href") or ""
    assert urlsplit(wall).fragment == view
    try:
        drawn = page.locator("figure:has(figcaption) img")
        assert drawn.evaluate("image => image.naturalWidth > 0"), "the code is drawn"
        # The server of the tests listens on loopback only, and says so.
        expect(page.get_by_text("Only this machine can reach the room.")).to_be_visible()
        expect(page.get_by_text("People in the room: 0")).to_be_visible()
        httpx.post(f"{room}/join", json={"kind": "phone", "browser": "Safari"}).raise_for_status()
        expect(page.get_by_text("People in the room: 1")).to_be_visible(timeout=OPENS_MS)
        elsewhere = page.get_by_test_id("stExpander").filter(has_text="Lead from your phone")
        address = elsewhere.get_by_text(f"#{secret}.{view}")
        expect(address).to_be_hidden()
        elsewhere.get_by_text("Lead from your phone").click()
        expect(address).to_be_visible()
        assert elsewhere.get_by_role("img", name="QR code").evaluate("image => image.naturalWidth > 0")
        assert axe(page) == []
        files = {}
        for form in ("Markdown", "PDF", "JSON"):
            with page.expect_download() as taken:
                page.get_by_role("button", name=form, exact=True).click()
            files[form] = taken.value.path().read_bytes()
        assert json.loads(files["JSON"])["people"] == 1
        assert "1 person joined." in files["Markdown"].decode()
        assert "1 person joined." in pages(files["PDF"])[0]
        expect(page.get_by_text("Scan this with your phone now")).to_be_visible()
        plays_a_round(room, secret)
        expect(page.get_by_role("heading", name="Code of the room")).to_be_visible(timeout=OPENS_MS)
        page.get_by_role("button", name="1. One answer, two transports").click()
        expect(page.get_by_text("Kept for your decision record.")).to_be_visible(timeout=OPENS_MS)
        assert "e=" in page.url
        page.reload()
        expect(page.locator(".sw-qr span")).to_have_text(urlsplit(lead).path.split("/")[2], timeout=OPENS_MS)
        page.get_by_role("button", name="End the room").click()
        page.get_by_test_id("stPopoverBody").get_by_role("button", name="End the room").click()
        expect(page.get_by_role("button", name="Open a room")).to_be_visible(timeout=OPENS_MS)
    finally:
        ended(room, secret)
