"""Every page of the app, once each: accessible in light and dark, nothing cut off, headings in order."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from guide.book import book
from guide.book.link import encode
from tests.browser.screen import axe, lab_opens, settle

ANSWERS = book().cases["notebook"].answers
A, B = encode(ANSWERS), encode({**ANSWERS, "uplink": ("nothing",), "topics": ("one",)})
PHONE, LAPTOP, PROJECTOR = 390, 1280, 1920
GUIDE = ["/", "/?at=uplink&a=1~uplink.steady", "/?at=clients", "/?at=path", f"/?at=check&a={A}"]
RESULTS = [f"/verdict?a={A}", f"/record?a={A}", "/verdict", "/record", f"/compare?a={A}&b={B}", "/compare"]
LIBRARY = [
    "/library",
    f"/library?fact={next(iter(book().facts))}",
    "/library?q=zzzz",
    "/library?show=folklore",
    "/library?show=decisions",
]
WHERE = [*GUIDE, *RESULTS, *LIBRARY, "/lab", "/proxies"]
UNTITLED = {*GUIDE[1:4], "/verdict", "/record", "/compare"}
"""Questions, and pages that wait for answers, begin with a second-level heading."""
_SPILL = "() => { const m = document.querySelector('[data-testid=stMain]'); return m.scrollWidth - m.clientWidth }"
_DARK = """() => {
  const [r, g, b] = getComputedStyle(document.querySelector("[data-testid=stApp]")).backgroundColor.match(/[\\d.]+/g);
  return Number(r) + Number(g) + Number(b) < 3 * 128;
}"""


@pytest.fixture
def expected_errors() -> list[str]:
    # On a page other than the first, Streamlit's client looks for its server below the page's own path, then above it.
    return [r"404 .*/_stcore/(health|host-config)"]


def opened(page: Page, url: str) -> None:
    page.goto(url)
    settle(page)
    if "/lab" in url:
        lab_opens(page)
    page.wait_for_selector("h1, h2")
    if "/library" in url or "/compare" in url:  # what is folded is looked at as well
        for summary in page.locator("summary").all()[:3]:
            summary.click()


def spill(page: Page, width: int) -> int:
    """By how many pixels the page is too wide for a window as wide as that."""
    page.set_viewport_size({"width": width, "height": 900})
    settle(page)
    found: int = page.evaluate(_SPILL)
    return found


@pytest.mark.parametrize("where", WHERE)
def test_a_page_is_accessible_in_both_themes_in_order_and_fits(app_url: str, page: Page, where: str) -> None:
    page.emulate_media(color_scheme="light")
    opened(page, app_url + where)
    levels = page.eval_on_selector_all("h1,h2,h3,h4", "all => all.map(h => +h.tagName[1])")
    assert levels[0] == (2 if where in UNTITLED else 1)
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False)), levels
    assert spill(page, LAPTOP) <= 0
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
