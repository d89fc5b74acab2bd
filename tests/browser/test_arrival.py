"""A change of page or step begins at the top, with the focus on its heading, and says where one is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from guide.book import book
from guide.decision.engine import cards
from guide.pages.frame import word
from guide.pages.parts import arrival
from tests.browser.room_people import visitors
from tests.browser.screen import arrives, settle

DECIDING = [lead for lead in cards(book(), {}) if book().questions[lead].chapter not in book().after]
_SCROLLED = "() => document.querySelector('[data-testid=stMain]').scrollTop"
_DOWN = "() => document.querySelector('[data-testid=stMain]').scrollTo(0, 1e6)"
_QUIET = (
    "() => [...document.querySelectorAll('[role=status], [role=alert], [aria-live]')].map((e) => e.textContent).join()"
)


def press(page: Page, key: str) -> None:
    """From the bottom of the page, where the next one must not begin."""
    page.evaluate(_DOWN)
    page.locator(f".st-key-{key} button").click()
    settle(page)


def arrived(page: Page, title: str | re.Pattern[str], heading: str | re.Pattern[str]) -> None:
    found = page.get_by_role("heading", level=1)
    expect(found).to_have_count(1)
    expect(found).to_have_text(heading)
    expect(found).to_be_focused()
    expect(page).to_have_title(title)
    assert page.evaluate(_SCROLLED) == 0


def on_card(page: Page, n: int) -> None:
    """The visitor has come to a deciding card, and hears once which of how many it is: in its heading."""
    key = "ask.progress" if n == len(DECIDING) else "ask.progress_about"
    progress, question = word(key, n=n, of=len(DECIDING)), book().questions[DECIDING[n - 1]]
    arrived(page, f"{progress}: {question.title} · Streamwise", f"{progress}. {question.ask}")
    assert progress not in page.evaluate(_QUIET)


def test_every_step_of_the_wizard_begins_at_its_heading(app_url: str, page: Page) -> None:
    page.goto(app_url)
    settle(page)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    assert page.evaluate("() => document.activeElement === document.body"), "the first page is read from its beginning"
    press(page, "begin")
    on_card(page, 1)
    for n in range(2, len(DECIDING) + 1):
        press(page, "next")
        on_card(page, n)
    press(page, "back")
    on_card(page, len(DECIDING) - 1)
    # With the keyboard alone: from the heading to the first answer, and on.
    expect(page.get_by_role("radio").first).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("radio").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    settle(page)
    expect(page.get_by_role("radio").nth(1)).to_be_focused()  # an answer moves nobody
    page.locator(".open li button").first.click()
    settle(page)
    on_card(page, 1)


@pytest.mark.parametrize("width", [1280, 390])
def test_from_example_to_record_every_page_begins_at_its_heading(app_url: str, page: Page, width: int) -> None:
    case = next(case for case in book().cases.values() if case.preset and case.expect in book().options)
    key = next(key for key, one in book().cases.items() if one is case)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(app_url)
    settle(page)
    press(page, f"use_{key}")
    arrived(page, f"{word('check.title')} · Streamwise", word("check.title"))
    press(page, "change_stack")
    on_card(page, DECIDING.index("stack") + 1)
    press(page, "next")
    arrived(page, f"{word('check.title')} · Streamwise", word("check.title"))
    press(page, "show")
    arrives(page, lambda url: "/verdict" in url)
    arrived(page, f"{word('nav.verdict')} · Streamwise", re.compile(r"\S"))
    page.go_back()
    settle(page)
    assert page.title() == f"{word('check.title')} · Streamwise"
    expect(page.locator(".st-key-show")).to_be_in_viewport()


def test_the_menu_leads_to_the_heading_of_a_page(app_url: str, page: Page) -> None:
    page.goto(f"{app_url}/library")
    settle(page)
    for name in ("verdict", "record", "proxies", "lab", "library"):
        page.evaluate(_DOWN)
        page.get_by_role("link", name=word(f"nav.{name}"), exact=True).click()
        arrives(page, re.compile(rf"/{name}\b").search)
        settle(page)
        arrived(page, f"{word(f'nav.{name}')} · Streamwise", re.compile(r"\S"))


ORIGIN = "http://localhost:9"
"""Nobody listens there: the test answers with an app that has only what the script looks at."""
_EMPTY_APP = """<!doctype html><title>Empty</title><div data-testid="stApp" data-test-script-state="running">
<div data-testid="stMain" style="height: 200px; overflow: auto"><p style="height: 2000px">Before</p></div></div>"""
_LEAVE = """async () => {
  const { default: come } = await import("/arrival.js");
  come({ data: ["the page before"] });
  document.querySelector("[data-testid=stMain]").scrollTo(0, 500);
  come({ data: ["this page"] });
}"""
_HEAD = """(name) => {
  const main = document.querySelector("[data-testid=stMain]");
  main.querySelector("h1")?.remove();
  main.insertAdjacentHTML("afterbegin", `<h1>${name}</h1>`);
  document.querySelector("[data-testid=stApp]").dataset.testScriptState = "notRunning";
}"""
_FOCUSED = "(name) => document.activeElement.textContent === name"


@pytest.fixture
def late(browser: Browser) -> Iterator[Page]:
    """A page that the visitor has come to and that has no heading yet. Its time is the test's."""
    script = Path(arrival.__file__).with_name("arrival.js").read_text(encoding="utf-8")

    def answer(route: Route) -> None:
        if route.request.url.endswith(".js"):
            route.fulfill(body=script, content_type="text/javascript")
        else:
            route.fulfill(body=_EMPTY_APP, content_type="text/html")

    with visitors(browser, [{"width": 1280, "height": 900}], moving=True) as [page]:
        page.clock.install(time=0)
        page.route(f"{ORIGIN}/**", answer)
        page.goto(ORIGIN)
        page.clock.pause_at(60)
        page.evaluate(_LEAVE)
        yield page


def headed(page: Page, name: str) -> bool:
    """Another heading comes. Whether it then has the focus, at the top of the page."""
    page.evaluate(_HEAD, name)
    page.clock.run_for(100)
    focused: bool = page.evaluate(_FOCUSED, name)
    assert (page.evaluate(_SCROLLED) == 0) == focused
    return focused


@pytest.mark.parametrize(("after_s", "focused"), [(0, True), (50, True), (70, False)])
def test_a_page_that_comes_late_has_the_focus_on_its_heading_for_a_minute(
    late: Page, after_s: int, focused: bool
) -> None:
    late.clock.run_for(1000 * after_s)
    assert headed(late, "Late") is focused


def test_who_does_something_meanwhile_is_not_moved(late: Page) -> None:
    late.mouse.move(100, 100)
    late.mouse.wheel(0, 100)
    late.wait_for_function("() => document.querySelector('[data-testid=stMain]').scrollTop > 500")
    assert not headed(late, "Late")


def test_a_heading_that_is_put_in_place_of_the_first_has_the_focus_for_a_second(late: Page) -> None:
    assert headed(late, "First")
    late.clock.run_for(500)
    assert headed(late, "Second")
    late.clock.run_for(1500)
    late.evaluate(_DOWN)
    assert not headed(late, "Third")
