"""The live lab with a real model behind it: a stub that speaks its wire format, the app as users start it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.running import running_app
from tests.browser.screen import lab_opens, settle
from tests.demos.stub_model import KEY, Stub, stub_model


@pytest.fixture(scope="module")
def stub() -> Iterator[Stub]:
    with stub_model() as up:
        yield up


def environment(stub: Stub, name: str) -> dict[str, str]:
    return {"STREAMWISE_MODEL_URL": stub.url, "STREAMWISE_MODEL": name, "STREAMWISE_MODEL_KEY": KEY}


def start(page: Page, url: str) -> None:
    page.goto(f"{url}/lab")
    lab_opens(page)
    settle(page)
    page.get_by_test_id("lab-start").click()


def test_both_panes_show_what_the_model_wrote_and_the_page_says_who_did(page: Page, stub: Stub, tmp_path: Path) -> None:
    with running_app(tmp_path / "log", environment(stub, "good_*model*")) as url:
        start(page, url)
        for pane in page.locator(".pane .text").all():
            expect(pane).to_contain_text("EventSource reconnects by itself [1].")
            expect(pane).to_contain_text("Written by good_*model*, a language model")
        expect(page.get_by_test_id("lab-sentence")).to_contain_text("0 lost on SSE, 0 on WebSocket")
        assert len(stub.requests) == 1, "one run feeds both panes"
        page.get_by_text("What this shows, and what it does not").click()
        expect(page.get_by_text("written by a language model, good_*model*, from the guide's facts")).to_be_visible()
        page.get_by_test_id("lab-setup").click()
        page.get_by_test_id("lab-settings").click()
        expect(page.get_by_test_id("lab-seed")).to_be_disabled()
        assert KEY not in page.content()
        page.goto(url)
    assert KEY not in (tmp_path / "log").read_text()


def test_a_model_that_fails_says_why_in_both_panes(page: Page, stub: Stub, tmp_path: Path) -> None:
    with running_app(tmp_path / "log", environment(stub, "refused")) as url:
        start(page, url)
        for pane in page.locator(".pane").all():
            expect(pane).to_contain_text("refused the key. Check STREAMWISE_MODEL_KEY.")
        assert KEY not in page.content()
        page.goto(url)
    assert KEY not in (tmp_path / "log").read_text()
