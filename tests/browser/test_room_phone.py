"""The phone's page of a room, in a real room: each phase, a reload in each, a blocked WebSocket, a second tab."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response, ViewportSize, expect

from guide.book import book
from tests.browser.led_room import LedRoom, led_room
from tests.browser.screen import axe

WORDS = book().words
PHONE: ViewportSize = {"width": 390, "height": 844}
NARROW: ViewportSize = {"width": 320, "height": 640}
MOST_BYTES = 60_000


@pytest.fixture
def expected_errors() -> list[str]:
    return [
        r"ERR_(CONNECTION_\w+|INCOMPLETE_CHUNKED_ENCODING|INTERNET_DISCONNECTED|ABORTED)",
        r"WebSocket connection",
        r"40[34]",
    ]


@pytest.fixture
def room(app_url: str) -> Iterator[LedRoom]:
    with led_room(app_url, "all") as found:
        yield found


def join(page: Page, room: LedRoom) -> None:
    page.set_viewport_size(PHONE)
    page.goto(room.address)
    expect(page.locator("#lead")).to_have_text(WORDS["room.phone.join.lead"])
    page.get_by_role("button", name=WORDS["room.phone.join.go"]).click()
    titled(page, "room.phone.lobby.title", number=1)


def titled(page: Page, key: str, **values: object) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(WORDS[key].format(**values))


def again(page: Page, key: str, **values: object) -> None:
    """Load the page anew: it is level with the room, and nothing was typed."""
    page.reload()
    titled(page, key, **values)


def looks_right(page: Page) -> None:
    """Accessible in light and dark, and nothing stands out on a narrow screen."""
    assert axe(page) == []
    page.emulate_media(color_scheme="dark")
    assert axe(page) == []
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(NARROW)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= NARROW["width"]
    heights = "all => all.map((one) => one.offsetHeight).filter((height) => height > 0)"
    assert min(page.eval_on_selector_all("button", heights), default=48) >= 48
    page.set_viewport_size(PHONE)


def figure(page: Page, name: str) -> list[str]:
    return page.locator(f"tr[data-figure={name}] td b").all_inner_texts()


def test_somebody_goes_through_a_round_and_comes_back_in_each_phase(room: LedRoom, page: Page) -> None:
    join(page, room)
    expect(page.get_by_test_id("checks").locator("li[data-good=true]")).to_have_count(3)
    looks_right(page)
    again(page, "room.phone.lobby.title", number=1)
    expect(page.get_by_test_id("checks").locator("li[data-good=true]")).to_have_count(3)

    room.go_to("drop")
    titled(page, "room.round.drop.title")
    page.locator("[data-choice=few]").click()
    page.locator("[data-choice=rest]").click()
    expect(page.get_by_test_id("chosen")).to_have_text(WORDS["room.phone.predict.chosen"])
    looks_right(page)
    again(page, "room.round.drop.title")
    expect(page.locator("[data-choice][aria-pressed=true]")).to_have_attribute("data-choice", "rest")

    room.do("next")
    room.until_it_holds(lambda state: state["counts"]["ready"] == 1)
    sse, socket = page.get_by_test_id("pane-sse"), page.get_by_test_id("pane-websocket")
    expect(socket.locator(".state")).to_have_text(WORDS["room.phone.pane.closed"])
    expect(socket.locator("[data-count=cuts]")).to_have_text("1")
    expect(sse.locator("[data-count=back]")).to_have_text(re.compile(r"\d"))
    expect(sse.locator("[data-count=twice]")).to_have_text(re.compile("^[1-9]"))
    looks_right(page)
    room.until("reveal")
    titled(page, "room.phone.reveal.right")
    expect(page.get_by_test_id("so")).to_have_text(f"So: {WORDS['room.so.few']}")
    assert [int(lost) > 0 for lost in figure(page, "lost")] == [False, True]
    assert [int(twice) > 0 for twice in figure(page, "repeated")] == [True, False]
    looks_right(page)
    again(page, "room.phone.reveal.right")
    assert len(figure(page, "lost")) == 2

    room.do("end")
    titled(page, "room.phone.ended.title")
    expect(page.get_by_role("table")).to_have_count(1)
    looks_right(page)
    page.get_by_role("button", name=WORDS["room.phone.ended.forget"]).click()
    titled(page, "room.phone.ended.forgotten")
    assert page.evaluate("() => localStorage.length") == 0


def test_a_page_that_is_loaded_anew_in_mid_run_reads_all_of_it(room: LedRoom, page: Page) -> None:
    join(page, room)
    room.go_to("resume")
    titled(page, "room.round.resume.title")
    room.do("next")
    room.until("running")
    expect(page.get_by_test_id("pane-sse").locator("[data-count=tokens]")).to_have_text(re.compile(r"^[1-9]\d"))
    again(page, "room.round.resume.title")
    room.until("reveal")
    titled(page, "room.phone.reveal.open")
    assert figure(page, "lost") == figure(page, "repeated") == ["0", "0"]
    assert room.state()["list"][0]["number"] == 1
    assert len(room.state()["list"]) == 1


def test_a_blocked_websocket_is_a_finding_and_stops_nothing(room: LedRoom, page: Page) -> None:
    page.route_web_socket(re.compile("/rooms/"), lambda socket: socket.close(code=1001))
    join(page, room)
    checks = page.get_by_test_id("checks")
    expect(checks.locator("li[data-good=false]")).to_have_text(WORDS["room.phone.checks.blocked"])
    room.go_to("plain")
    titled(page, "room.round.plain.title")
    room.do("next")
    room.until("running")
    expect(page.get_by_test_id("pane-websocket").locator(".state")).to_have_text(WORDS["room.phone.pane.blocked"])
    expect(page.get_by_test_id("pane-sse").locator("[data-count=tokens]")).to_have_text(re.compile(r"^[1-9]\d"))
    room.end_run()
    assert room.until("reveal")["result"]["blocked"] == 1
    expect(page.locator("tr[data-figure=tokens] td[data-transport=sse] b")).to_have_text(re.compile(r"^[1-9]"))


def test_questions_come_one_by_one_and_answers_stay(room: LedRoom, page: Page) -> None:
    join(page, room)
    room.go_to("design")
    asked = book().questions
    expect(page.locator(".of")).to_contain_text("1 of 7")
    looks_right(page)
    page.locator("label.choice").nth(1).click()
    page.get_by_role("button", name=WORDS["room.phone.ask.next"]).click()
    expect(page.locator(".of")).to_contain_text("2 of 7")
    room.until_it_holds(lambda state: state["counts"]["answered"] == 1)
    page.reload()
    expect(page.locator(".of")).to_contain_text("2 of 7")
    page.get_by_role("button", name=WORDS["room.phone.ask.back"]).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(asked["uplink"].ask)
    expect(page.locator("label.choice input").nth(1)).to_be_checked()
    room.do("next")
    titled(page, "room.phone.answers.title")
    again(page, "room.phone.answers.title")


def test_one_tab_has_the_room_and_signals_reach_the_lead(room: LedRoom, page: Page, context: BrowserContext) -> None:
    join(page, room)
    page.locator("#stuck").click()
    looks_right(page)
    page.get_by_role("button", name=WORDS["room.phone.stuck.lost"]).click()
    expect(page.locator("#stuck")).to_have_text(WORDS["room.phone.stuck.on"])
    page.locator("#done").click()
    expect(page.locator("#done")).to_have_attribute("aria-pressed", "true")
    room.until_it_holds(lambda state: (state["list"][0]["stuck"], state["list"][0]["done"]) == ("lost", True))
    page.reload()
    expect(page.locator("#done")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#stuck")).to_have_text(WORDS["room.phone.stuck.on"])

    context.set_offline(True)
    expect(page.locator("#link")).to_have_attribute("data-kind", "offline")
    context.set_offline(False)
    expect(page.locator("#link")).to_have_attribute("data-kind", re.compile("connected|presenter"))

    other = context.new_page()
    other.goto(room.address)
    titled(other, "room.phone.tab.title")
    other.get_by_role("button", name=WORDS["room.phone.tab.take"]).click()
    titled(other, "room.phone.lobby.title", number=1)
    titled(page, "room.phone.tab.title")
    room.do("remove", number=1)
    titled(other, "room.phone.removed.title")


def test_a_code_that_is_none_leads_to_the_field_for_it(room: LedRoom, page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/r/ZZZZZZ")
    titled(page, "room.phone.start.title")
    expect(page.locator("#problem")).to_contain_text("ZZZZZZ")
    looks_right(page)
    page.get_by_label(WORDS["room.phone.start.code"]).fill("abc")
    page.keyboard.press("Enter")
    expect(page.locator("#problem")).to_have_text(WORDS["room.phone.start.wrong"])
    page.get_by_label(WORDS["room.phone.start.code"]).fill(room.code.lower())
    page.get_by_role("button", name=WORDS["room.phone.start.go"]).click()
    titled(page, "room.phone.join.title")


def test_a_phone_that_was_never_here_loads_little(room: LedRoom, browser: Browser) -> None:
    with browser.new_context(viewport=PHONE) as fresh:
        answers: list[Response] = []
        page = fresh.new_page()
        page.on("response", lambda answer: answers.append(answer))
        page.goto(room.address)
        titled(page, "room.phone.join.title")
        loaded = {answer.url: answer.request.sizes()["responseBodySize"] for answer in answers}
    assert all(size > 0 for size in loaded.values()), loaded
    assert sum(url.endswith(".js") for url in loaded) > 10
    assert sum(loaded.values()) < MOST_BYTES
