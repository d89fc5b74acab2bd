"""The library and the comparison in a real browser: the address remembers what was asked for."""

from __future__ import annotations

import re

from playwright.sync_api import Page, TimeoutError, expect

from guide.book import book
from guide.book.link import encode
from guide.report.published import published
from tests.browser.screen import arrives, settle
from tests.patience import milliseconds

FACT = next(iter(book().facts))
ANSWERS = book().cases["notebook"].answers
A, B = encode(ANSWERS), encode({**ANSWERS, "uplink": ("nothing",), "topics": ("one",)})


def count(page: Page) -> int:
    return int(re.match(r"\d+", page.locator(".sw-count").inner_text())[0])  # type: ignore[index]


def pick(page: Page, label: str, option: str) -> None:
    """Choose from a select."""
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option, exact=True).click()
    page.keyboard.press("Escape")  # where several may be chosen, the list stays open
    settle(page)


def pick_at_once(page: Page, label: str, option: str) -> None:
    """Without waiting for the page: it may take the list away while the choice before is drawn; a person asks again."""
    for tries in range(5):
        page.get_by_role("combobox", name=label).click()
        try:
            page.get_by_role("option", name=option, exact=True).click(timeout=milliseconds(3_000))
            return
        except TimeoutError:
            assert tries < 4, f"{option} could not be chosen"


def look_for(page: Page, words: str) -> None:
    page.get_by_role("textbox", name="Search").or_(page.get_by_role("searchbox", name="Search")).fill(words)
    page.keyboard.press("Enter")
    settle(page)


def test_search_filter_back_forward_and_reload(app_url: str, page: Page) -> None:
    page.goto(f"{app_url}/library?show=facts")
    settle(page)
    every = count(page)
    assert every == len(book().facts) == page.locator(".sw-facts > li").count()
    look_for(page, "proxy buffer")
    some = count(page)
    assert 0 < some < every
    arrives(page, lambda url: url.endswith("/library?show=facts&q=proxy+buffer"))
    pick(page, "Basis", "Measured by us")
    fewer = count(page)
    assert fewer <= some
    arrives(page, lambda url: url.endswith("/library?show=facts&q=proxy+buffer&basis=measured"))
    page.reload()
    settle(page)
    assert count(page) == fewer
    page.go_back()
    settle(page)
    assert count(page) == some
    page.go_back()
    settle(page)
    assert count(page) == every
    page.go_forward()
    settle(page)
    assert count(page) == some
    page.get_by_role("button", name="Clear search and filters").click()
    settle(page)
    arrives(page, lambda url: url.endswith("/library?show=facts"))
    assert count(page) == every


def test_an_error_text_leads_to_a_cause_and_its_cure(app_url: str, page: Page) -> None:
    page.goto(f"{app_url}/library")
    settle(page)
    expect(page.locator("[data-kind=symptom]")).to_have_count(len(book().symptoms))
    look_for(page, "sent 1011 (internal error) keepalive ping timeout")
    arrives(page, lambda url: "q=sent+1011" in url)
    first = page.locator("[data-kind]").first
    first.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(first.get_by_text("--ws-ping-timeout 60")).to_be_visible()
    with page.context.expect_page() as opened:
        first.get_by_role("link", name="Open this symptom alone").click()
    alone = opened.value
    settle(alone)
    expect(alone.get_by_role("heading", level=2)).to_have_text(book().symptoms["ping-timeout-1011"].seen)
    alone.close()
    page.go_back()
    settle(page)
    expect(page.locator("[data-kind=symptom]")).to_have_count(len(book().symptoms))


def test_a_fact_opens_in_place_and_by_its_link(app_url: str, page: Page) -> None:
    page.goto(f"{app_url}/library?a={A}&show=facts")
    settle(page)
    first = page.locator(".sw-facts > li").first
    expect(first.get_by_text("Where it is used")).to_be_hidden()
    first.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(first.get_by_text("Where it is used")).to_be_visible()
    with page.context.expect_page() as opened:
        first.get_by_role("link", name="Open this fact alone").click()
    alone = opened.value
    settle(alone)
    arrives(alone, lambda url: f"fact={FACT}" in url)
    expect(alone.get_by_role("heading", level=2)).to_have_text(book().facts[FACT].claim)
    alone.get_by_role("button", name="Back to the library").click()
    settle(alone)
    expect(alone.locator("[data-kind=symptom]").first).to_be_visible()
    alone.go_back()
    settle(alone)
    expect(alone.get_by_role("heading", level=2)).to_have_text(book().facts[FACT].claim)


def test_decisions_search_back_reload_and_open_in_the_guide(app_url: str, page: Page) -> None:
    page.goto(f"{app_url}/library?a={A}")
    settle(page)
    page.get_by_role("radio", name="Published decisions").click()
    settle(page)
    every = count(page)
    assert every == len(published(book())[0].outcomes) == page.locator(".sw-decisions > li").count()
    arrives(page, lambda url: url.endswith(f"/library?a={A}&show=decisions"))
    look_for(page, "events")
    some = count(page)
    assert 0 < some < every
    pick(page, "Result", "Level")
    fewer = count(page)
    assert 0 < fewer < some
    arrives(page, lambda url: url.endswith("show=decisions&q=events&result=level"))
    page.reload()
    settle(page)
    assert count(page) == fewer == page.locator(".sw-decisions > li").count()
    first = page.locator(".sw-decisions > li").first
    first.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(first.get_by_text("What the guide weighed")).to_be_visible()
    with page.context.expect_page() as opened:
        first.get_by_role("link", name="Open these answers in the guide").click()
    guide = opened.value
    settle(guide)
    expect(guide.get_by_role("heading", level=1)).to_have_text("Check your answers")
    assert f"a={A}" not in guide.url
    guide.close()
    page.go_back()
    settle(page)
    assert count(page) == some
    page.go_back()
    settle(page)
    assert count(page) == every
    page.get_by_role("radio", name="Facts").click()
    expect(page.locator(".sw-count")).to_have_text(f"{len(book().facts)} of {len(book().facts)} facts")


def test_the_library_leads_back_out(app_url: str, page: Page) -> None:
    page.goto(f"{app_url}/verdict?a={A}")
    settle(page)
    page.get_by_role("link", name="Library").click()
    settle(page)
    look_for(page, "proxy")
    for _ in range(4):
        page.go_back()
        settle(page)
        if "/verdict" in page.url:
            break
    arrives(page, lambda url: "/verdict" in url)


def test_compare_change_swap_and_share(app_url: str, page: Page) -> None:
    page.goto(f"{app_url}/compare?a={encode({'uplink': ('nothing',)})}")
    settle(page)
    status = page.locator(".st-key-compare_outcome [role=status]")
    expect(status).to_contain_text("A and B are the same")
    pick(page, "While output streams", "A steady flow of input")
    expect(status).to_have_text("The recommendation changes from Server-Sent Events to WebSocket.")
    expect(page.locator(".st-key-compare_differs")).to_contain_text("Nothing → A steady flow of input")
    expect(page.locator(".st-key-compare_b h2")).to_contain_text("WebSocket")
    arrives(page, lambda url: url.endswith("/compare?a=1~uplink.nothing&b=1~uplink.steady"))
    there = page.url
    page.get_by_role("button", name="Swap A and B").click()
    settle(page)
    arrives(page, lambda url: url.endswith("/compare?a=1~uplink.steady&b=1~uplink.nothing"))
    expect(status).to_have_text("The recommendation changes from WebSocket to Server-Sent Events.")
    page.go_back()
    settle(page)
    arrives(page, lambda url: url == there)
    expect(status).to_have_text("The recommendation changes from Server-Sent Events to WebSocket.")
    link = page.locator(".st-key-compare_differs [data-testid=stCode] code").inner_text()
    other = page.context.new_page()
    other.goto(app_url + link.replace("\n", ""))
    settle(other)
    expect(other.locator(".st-key-compare_outcome")).to_contain_text("from Server-Sent Events to WebSocket")
    page.get_by_role("button", name="Make B my answers").click()
    settle(page)
    arrives(page, lambda url: url.endswith("/verdict?a=1~uplink.steady"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("WebSocket")


def test_fast_changes_are_all_kept(app_url: str, page: Page) -> None:
    page.goto(f"{app_url}/compare?a=1~uplink.nothing")
    settle(page)
    for label, option in (("What travels", "Text or JSON"), ("What you run already", "Neither")):
        pick_at_once(page, label, option)
    settle(page)
    arrives(page, lambda url: url.endswith("&b=1~uplink.nothing~media.text~stack.neither"))
