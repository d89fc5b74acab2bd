"""The record as HTML in a real browser, from disk and offline: it asks for nothing, is accessible, and prints."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Dialog, Page

from guide import book as books
from guide.record.exports import html_file as html
from guide.report.report import build
from tests.browser.screen import axe
from tests.guide.record.exports.hostile import hostile_fields
from tests.guide.records import evidence_of_a_drop, record_of
from tests.pdf_text import pages

OURS = books.book()
CASES = [next(k for k, c in OURS.cases.items() if c.expect in kind) for kind in ({*OURS.options}, {*OURS.outside})]
"""One with a drawing, one without: the tests without a browser read them all."""


@pytest.fixture
def offline(context: BrowserContext) -> BrowserContext:
    context.set_offline(True)
    return context


def shown(page: Page, file: Path, written: bytes) -> list[str]:
    """Opens the file; gives the addresses of everything that was asked for."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    file.write_bytes(written)
    page.goto(file.as_uri())
    page.wait_for_load_state("networkidle")
    return asked


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_record_asks_for_nothing_and_everybody_can_read_it(
    case: str,
    scheme: str,
    offline: BrowserContext,
    page: Page,
    tmp_path: Path,
) -> None:
    report = build(OURS, dict(OURS.cases[case].answers))
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    file, record = tmp_path / "record.html", record_of(report, evidence=(evidence_of_a_drop(),))
    assert shown(page, file, html.render(report, record)) == [file.as_uri()]
    assert (
        page.evaluate("getComputedStyle(document.body).backgroundColor")
        == {
            "light": "rgb(251, 250, 247)",
            "dark": "rgb(23, 22, 20)",
        }[scheme]
    ), "our style applies under our own policy"
    page.set_viewport_size({"width": 380, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 380
    assert axe_of_a_page_with_a_policy(page, file) == []


def axe_of_a_page_with_a_policy(page: Page, file: Path) -> list[str]:
    """axe is a script, which the page forbids: for this look alone, the same page without its policy."""
    text = file.read_text(encoding="utf-8")
    policy = f'<meta http-equiv="Content-Security-Policy" content="{html.POLICY}">'
    assert policy in text
    file.write_text(text.replace(policy, ""), encoding="utf-8")
    page.reload()
    return axe(page)


def test_hostile_text_runs_nothing_and_stays_on_the_page(
    offline: BrowserContext,
    page: Page,
    tmp_path: Path,
) -> None:
    report = build(OURS, {"uplink": ("nothing",)})
    spoken: list[str] = []

    def heard(dialog: Dialog) -> None:
        spoken.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", heard)
    page.set_viewport_size({"width": 380, "height": 800})
    file, record = tmp_path / "record.html", record_of(report, **hostile_fields(evidence_of_a_drop()))
    assert shown(page, file, html.render(report, record)) == [file.as_uri()]
    assert spoken == []
    assert page.locator("script, img").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 380
    assert page.locator("h1").inner_text().startswith("</style></title><script>alert(1)</script>")


def test_a_record_prints(offline: BrowserContext, page: Page, tmp_path: Path) -> None:
    report = build(OURS, dict(OURS.cases[CASES[0]].answers))
    page.emulate_media(color_scheme="dark")
    shown(page, tmp_path / "record.html", html.render(report, record_of(report)))
    printed = pages(page.pdf(prefer_css_page_size=True))
    assert 3 <= len(printed) <= 10
    assert all(text.strip() for text in printed)
    said = "".join(unicodedata.normalize("NFKC", "".join(printed)).split())  # the font joins f and l
    assert all("".join(f"<{source.url}>".split()) in said for c in report.sources for source in c.fact.source)
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(28, 25, 23)", "dark ink, also from the dark"
