"""Every page of the app, once each: accessible in light and dark, nothing cut off, headings and names in order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from guide.book import book
from guide.book.link import encode
from tests.browser.screen import axe, lab_opens, settle

ANSWERS = book().cases["notebook"].answers
A, B = encode(ANSWERS), encode({**ANSWERS, "uplink": ("nothing",), "topics": ("one",)})
PHONE, ENLARGED, LAPTOP, PROJECTOR = 390, 720, 1280, 1920
"""`ENLARGED`: what is left of a laptop's 1440 pixels at 200 %."""
GUIDE = ["/", "/?at=uplink&a=1~uplink.steady", "/?at=clients", "/?at=path", f"/?at=check&a={A}"]
RESULTS = [f"/verdict?a={A}", f"/record?a={A}", "/verdict", "/record", f"/compare?a={A}&b={B}", "/compare"]
LIBRARY = [
    "/library",
    f"/library?fact={next(iter(book().facts))}",
    "/library?q=zzzz",
    "/library?show=folklore",
    "/library?show=decisions",
]
WHERE = [*GUIDE, *RESULTS, *LIBRARY, "/lab", "/proxies", "/workshop"]
_LAYOUT = (Path(__file__).parent / "layout.js").read_text(encoding="utf-8")
_SPILL = "() => { const m = document.querySelector('[data-testid=stMain]'); return m.scrollWidth - m.clientWidth }"
_DARK = """() => {
  const [r, g, b] = getComputedStyle(document.querySelector("[data-testid=stApp]")).backgroundColor.match(/[\\d.]+/g);
  return Number(r) + Number(g) + Number(b) < 3 * 128;
}"""


def opened(page: Page, url: str) -> None:
    page.goto(url)
    settle(page)
    if "/lab" in url:
        lab_opens(page)
    page.wait_for_selector("h1")
    if "/library" in url or "/compare" in url:  # what is folded is looked at as well
        for summary in page.locator("summary").all()[:3]:
            summary.click()


def spill(page: Page, width: int) -> int:
    """By how many pixels the page is too wide for a window as wide as that."""
    page.set_viewport_size({"width": width, "height": 900})
    settle(page)
    found: int = page.evaluate(_SPILL)
    return found


def layout(page: Page) -> dict[str, Any]:
    """Main headings, names that several controls share, and what stands out of its card."""
    found: dict[str, Any] = page.evaluate(_LAYOUT)
    return found


@pytest.mark.parametrize("where", WHERE)
def test_a_page_is_accessible_in_both_themes_in_order_and_fits(app_url: str, page: Page, where: str) -> None:
    failed: list[str] = []
    page.on("response", lambda answer: failed.append(answer.url) if answer.status >= 400 else None)
    page.emulate_media(color_scheme="light")
    opened(page, app_url + where)
    expect(page.locator("#sw-first")).to_have_count(0)
    levels = page.eval_on_selector_all("h1,h2,h3,h4", "all => all.map(h => +h.tagName[1])")
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False)), levels
    assert spill(page, LAPTOP) <= 0
    found = layout(page)
    assert len(found["headings"]) == 1, found["headings"]
    assert found["shared"] == []
    assert spill(page, ENLARGED) <= 0
    assert layout(page)["outside"] == []
    assert spill(page, PROJECTOR) <= 0
    assert axe(page) == []
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(_DARK)
    settle(page)
    assert axe(page) == []
    # A phone opens the page anew: what is folded on a small screen is decided when it comes.
    page.set_viewport_size({"width": PHONE, "height": 900})
    opened(page, app_url + where)
    assert spill(page, PHONE) <= 0
    assert layout(page)["outside"] == []
    assert failed == []
