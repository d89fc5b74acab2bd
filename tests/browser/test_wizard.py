"""The wizard and the recommendation in a real browser: answers live in the address, whatever a visitor does to it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from guide.book import book
from guide.book.link import encode
from guide.decision.engine import decide
from guide.report.report import build
from tests.browser.screen import arrives, settle

PRESET = next(key for key, case in book().cases.items() if case.preset)


def question(page: Page) -> str:
    return page.locator(".st-key-card h1").inner_text()


def press(page: Page, key: str) -> None:
    page.locator(f".st-key-{key} button").click()
    settle(page)


def choose(page: Page, text: str) -> None:
    page.get_by_test_id("stRadioOption").filter(has_text=text).click()
    settle(page)


def tick(page: Page, text: str) -> None:
    page.get_by_test_id("stCheckbox").filter(has_text=text).click()
    settle(page)


def test_first_question_back_forward_reload_and_fast_clicks(app_url: str, page: Page) -> None:
    page.goto(app_url)
    settle(page)
    press(page, "begin")
    first = question(page)
    tick(page, "A few controls")
    arrives(page, lambda url: url.endswith("?a=1~uplink.controls&at=uplink"))
    press(page, "next")
    choose(page, "Text or JSON")
    there = page.url
    page.go_back()
    page.go_back()
    settle(page)
    assert question(page) == first
    expect(page.locator(".headline")).to_have_text("Leaning to SSE")
    page.go_forward()
    page.go_forward()
    settle(page)
    arrives(page, lambda url: url == there)
    page.reload()
    settle(page)
    arrives(page, lambda url: url == there)
    assert page.get_by_role("radio", name="Text or JSON").is_checked()
    for _ in range(5):
        page.locator(".st-key-next button").click()
    settle(page)
    assert page.url.split("&at=")[0] == there.split("&at=")[0], "answers survive fast clicks"
    expect(page.locator(".sw-progress")).to_contain_text("Question")


def test_back_leads_out_of_every_page_again(app_url: str, page: Page) -> None:
    page.goto(f"{app_url}/?at=uplink&a=1~uplink.nothing")
    settle(page)
    page.get_by_role("link", name="Recommendation").click()
    settle(page)
    arrives(page, lambda url: url.endswith("/verdict?a=1~uplink.nothing"))
    for _ in range(3):
        page.go_back()
        settle(page)
        if "/verdict" not in page.url:
            break
    assert "/verdict" not in page.url, "the back button is not a trap"


def test_two_tabs_hold_two_sets_of_answers(app_url: str, page: Page) -> None:
    page.goto(f"{app_url}/?at=uplink&a=1~uplink.nothing")
    settle(page)
    other = page.context.new_page()
    other.goto(f"{app_url}/?at=uplink&a=1~uplink.steady")
    settle(other)
    expect(page.locator(".headline")).to_have_text("Leaning to SSE")
    expect(other.locator(".headline")).to_have_text("Leaning to WebSocket")
    press(page, "next")
    arrives(page, lambda url: "uplink.nothing" in url)
    arrives(other, lambda url: "uplink.steady" in url)


def test_not_sure_and_a_real_answer_exclude_each_other(app_url: str, page: Page) -> None:
    page.goto(f"{app_url}/?at=clients&a=1~uplink.nothing")
    settle(page)
    for name in ("Browsers", "Programs, servers", "Not sure"):
        page.get_by_test_id("stCheckbox").filter(has_text=name).click()
        settle(page)
    arrives(page, lambda url: "clients.unknown" in url)
    page.get_by_test_id("stCheckbox").filter(has_text="Browsers").click()
    settle(page)
    arrives(page, lambda url: "clients.browsers&" in url or url.endswith("clients.browsers"))


def test_the_panel_leads_to_what_is_missing(app_url: str, page: Page) -> None:
    page.goto(f"{app_url}/?at=uplink&a=1~uplink.steady")
    settle(page)
    page.locator(".open li button", has_text="Clients' networks").click()
    settle(page)
    arrives(page, lambda url: "at=path" in url)
    networks = book().questions["network"].ask
    expect(page.locator(".st-key-card h2").first).to_have_text(networks)


def test_keyboard_alone_answers_a_question(app_url: str, page: Page) -> None:
    page.goto(f"{app_url}/?at=stack")
    settle(page)
    page.get_by_role("radio").first.focus()
    page.keyboard.press("ArrowDown")
    settle(page)
    arrives(page, lambda url: "stack." in url)
    page.goto(f"{app_url}/?at=uplink")
    settle(page)
    page.get_by_role("checkbox").first.focus()
    page.keyboard.press("Space")
    settle(page)
    arrives(page, lambda url: "uplink." in url)


def test_the_recommendation_comes_before_what_shapes_the_build_list(app_url: str, page: Page) -> None:
    page.goto(f"{app_url}/?at=auth&a=1~uplink.controls.approvals~clients.browsers")
    settle(page)
    expect(page.locator(".sw-progress")).to_contain_text("Question 7 of 7")
    expect(page).to_have_title("Question 7 of 7: Authorization · Streamwise")
    press(page, "next")
    arrives(page, lambda url: "/verdict?a=1~uplink.controls.approvals" in url)
    expect(page).to_have_title("Recommendation · Streamwise")
    expect(page.locator(".st-key-after")).to_contain_text("4 more questions for your build list")
    press(page, "to_after")
    arrives(page, lambda url: "at=silence" in url)
    expect(page.locator(".sw-progress")).to_contain_text("For your build list, question 1 of 4")


def test_the_page_says_what_decide_says(app_url: str, page: Page) -> None:
    """Of one preset: tests/guide/pages looks at all of them, without a browser."""
    case = book().cases[PRESET]
    page.goto(f"{app_url}/verdict?a={encode(case.answers)}")
    settle(page)
    report = build(book(), case.answers)
    assert decide(book(), case.answers).choice == case.expect
    title = book().words["verdict.level_long"] if report.verdict.kind == "level" else report.headline
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page.locator(".sw-sentence")).to_contain_text(report.sentence)


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("1~uplink.nothing~colour.red", "question 'colour'"),
        ("1~uplink.purple", "answer 'purple' to 'uplink'"),
        ("9~uplink.nothing", "version '9'"),
        ("1~<script>alert(1)</script>.x", "question"),
        ("1~" + "x" * 4000, "at most 4000"),
    ],
)
def test_a_tampered_link_is_named_and_the_rest_is_kept(app_url: str, page: Page, token: str, said: str) -> None:
    page.goto(f"{app_url}/verdict?a={token}")
    settle(page)
    expect(page.get_by_test_id("stAlert")).to_contain_text(said)
    if "uplink.nothing" in token and token.startswith("1"):
        expect(page.get_by_role("heading", level=1)).to_have_text("SSE")
