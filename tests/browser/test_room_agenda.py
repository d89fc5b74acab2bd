"""The 45-minute agenda with everybody: two phones, two laptops, the wall, the lead, and some who are simulated."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from demos.rooms.rounds import QUESTIONS
from tests.browser.led_room import LATER, LedRoom, led_room
from tests.browser.room_people import (
    BEYOND,
    LAPTOP,
    PHONE,
    WALL,
    WORDS,
    join,
    lead_and_wall,
    leading,
    simulated,
    titled,
    touch,
    visitors,
)
from tests.browser.screen import axe

SIMULATED = 3


@dataclass
class Everybody:
    """All pages of a room. Two devices have a touch screen, the others a keyboard."""

    room: LedRoom
    devices: list[Page]
    wall: Page
    lead: Page
    chosen: tuple[str, ...] = ()
    """What each device expects of this round."""

    def press(self, key: str, then: str) -> None:
        """The lead presses a key, and the room comes to that phase."""
        self.lead.evaluate(LATER)
        self.lead.keyboard.press(key)
        leading(self.lead, then)

    def look(self, phase: str) -> None:
        """Everybody sees this phase, and everybody can use it."""
        expect(self.wall.locator("html")).to_have_attribute("data-phase", phase)
        found = {name: axe(page) for name, page in (("a", self.devices[0]), ("w", self.wall), ("l", self.lead))}
        assert (phase, found, self.wall.evaluate(BEYOND)) == (phase, {"a": [], "w": [], "l": []}, [False, False])

    def predict(self, name: str, *choices: str) -> None:
        """In a round, each device says what it expects."""
        leading(self.lead, "predict")
        for page, choice in zip(self.devices, choices, strict=True):
            titled(page, f"room.round.{name}.title")
            touch(page.locator(f"[data-choice={choice}]"))
            expect(page.get_by_test_id("chosen")).to_have_text(WORDS["room.phone.predict.chosen"])
        self.chosen = choices
        self.look("predict")

    def run(self, drops: bool = False) -> None:
        """Start the run, and cut everybody in mid-answer where the round is about that."""
        self.lead.evaluate(LATER)
        self.lead.keyboard.press("Space")
        leading(self.lead, "running")
        if drops:
            self.room.until_it_holds(lambda state: (state.get("live") or {"tokens": 1})["tokens"])
            with self.lead.expect_response("**/do") as pressed:
                self.lead.evaluate(LATER)
                self.lead.keyboard.press("d")
            assert (pressed.value.ok, '"drop"' in (pressed.value.request.post_data or "")) == (True, True)
            expect(self.lead.locator("#drop")).to_be_disabled()
        self.look("running")

    def revealed(self) -> str:
        """Wait for what came out. Whoever has expected that was right, on the device and on the wall."""
        result = self.room.until_it_holds(lambda state: state["phase"] == "reveal" and _all_in(state))["result"]
        came, name = result["came"], self.room.state()["step"]["name"]
        assert came, result
        # Of fewer than five people the wall has no figures, and no sentence with any.
        finding = WORDS["room.so.few"] if result["few"] else self.wall.locator("#stage .finding").inner_text()
        for page, chosen in zip(self.devices, self.chosen, strict=True):
            titled(page, f"room.phone.reveal.{'right' if chosen == came else 'wrong'}")
            expect(page.locator("#place")).to_contain_text(WORDS[f"room.round.{name}.predict.{came}"])
            expect(page.get_by_test_id("so")).to_have_text(f"So: {finding}")
        self.look("reveal")
        return str(came)


def _all_in(state: dict[str, Any]) -> bool:
    return bool(state["counts"]["received"] == len(state["list"]))


def figures(page: Page, name: str) -> list[str]:
    """Those of the device itself: over SSE, over WebSocket."""
    return page.locator(f"tr[data-figure={name}] td b").all_inner_texts()


def answer_everything(page: Page, which: int) -> None:
    """Take one answer to each question; where there may be several, that and no other."""
    for n in range(1, len(QUESTIONS["design"]) + 1):
        expect(page.locator(".of")).to_contain_text(f"Question {n} of {len(QUESTIONS['design'])}")
        boxes = page.locator("label.choice input")
        touch(boxes.nth(which) if boxes.count() else page.locator("button.choice").nth(which))
        if boxes.count():
            touch(page.get_by_role("button", name=WORDS["room.phone.ask.next"]))
    titled(page, "room.phone.ask.done")


@pytest.fixture
def here(app_url: str, browser: Browser) -> Iterator[Everybody]:
    with (
        led_room(app_url, "45min") as room,
        visitors(browser, [PHONE, PHONE, LAPTOP, LAPTOP, WALL, LAPTOP]) as (*devices, wall, lead),
    ):
        lead_and_wall(room, lead, wall)
        for number, page in enumerate(devices, 1):
            join(page, room, number)
        yield Everybody(room, devices, wall, lead)


def test_everybody_goes_through_the_agenda(here: Everybody) -> None:
    here.look("lobby")
    here.press("Space", "talk")
    for page in [*here.devices, here.wall]:
        titled(page, "room.talk.welcome.title")
    here.look("talk")
    plain_is_for_too_few(here)
    with simulated(here.room, SIMULATED):
        drop_loses_the_rest(here)
        resume_loses_nothing(here)
        late_viewers_see_all(here)
        here.press("PageDown", "talk")
        titled(here.wall, "room.talk.restart.title")
        everybody_answers(here)
        here.press("PageDown", "talk")
        titled(here.wall, "room.talk.closing.title")
        the_report_names_the_rounds(here.lead)
        ends(here)


def plain_is_for_too_few(here: Everybody) -> None:
    here.press("PageDown", "predict")
    here.predict("plain", "sse", "same", "websocket", "same")
    expect(here.wall.locator("#stage")).to_contain_text("4 of 4 have said what they expect.")
    here.run()
    here.room.until_it_holds(lambda state: (state.get("live") or {"tokens": 10})["tokens"] >= 10)
    here.lead.evaluate(LATER)
    here.lead.keyboard.press("ArrowRight")  # the rest of the answer is not needed
    here.revealed()
    expect(here.wall.locator("#stage")).to_contain_text("There are too few people (4)")
    expect(here.wall.locator("#stage figure")).to_have_count(0)


def drop_loses_the_rest(here: Everybody) -> None:
    here.press("PageDown", "predict")
    here.predict("drop", "rest", "few", "rest", "none")
    here.run(drops=True)
    assert here.revealed() == "rest"
    for page in here.devices:
        assert [int(lost) > 0 for lost in figures(page, "lost")] == [False, True]
    expect(here.wall.locator("#simulated")).to_have_text(f"{SIMULATED} of these are simulated")
    expect(here.wall.locator("figure.timeline, figure.strips, figure.predictions")).not_to_have_count(0)
    expect(here.wall.locator(".bars li.right")).to_contain_text("✓ this came")


def resume_loses_nothing(here: Everybody) -> None:
    here.press("PageDown", "predict")
    here.predict("resume", "sse", "websocket", "same", "websocket")
    here.run(drops=True)
    here.revealed()
    for page in here.devices:
        assert figures(page, "lost") == figures(page, "repeated") == ["0", "0"]
        assert figures(page, "cuts") == ["1", "1"]
    expect(here.wall.locator(".lost .some")).to_have_count(0)
    expect(here.wall.locator(".lost .none")).to_have_count(4)


def late_viewers_see_all(here: Everybody) -> None:
    here.lead.locator("#steps button").nth(5).focus()
    here.lead.keyboard.press("Enter")
    here.lead.keyboard.press("Tab")
    here.lead.keyboard.press("Enter")
    here.predict("viewer", "all", "rest", "nothing", "all")
    here.run()
    assert here.revealed() == "all"
    for page in here.devices:
        assert figures(page, "tokens") == ["120", "120"]


def everybody_answers(here: Everybody) -> None:
    here.press("PageDown", "ask")
    for which, page in enumerate(here.devices):
        answer_everything(page, which % 2)
    here.room.until_it_holds(lambda state: state["counts"]["answered"] == len(here.devices) + SIMULATED)
    expect(here.wall.locator("#stage")).to_contain_text("7 of 7")
    here.look("ask")
    here.press("Space", "answers")
    titled(here.wall, "room.wall.answers")
    for page in here.devices:
        titled(page, "room.phone.answers.title")
    here.look("answers")


def the_report_names_the_rounds(lead: Page) -> None:
    for form in ("Markdown", "JSON"):
        with lead.expect_download() as download:
            button = lead.get_by_role("button", name=form)
            button.focus()
            button.press("Enter")
        text = download.value.path().read_text(encoding="utf-8")
        for name in ("plain", "drop", "resume", "viewer"):
            assert WORDS[f"room.round.{name}.title"] in text, text
    assert json.loads(text)


def ends(here: Everybody) -> None:
    here.lead.locator("[data-do=end]").focus()
    here.lead.keyboard.press("Enter")
    here.lead.keyboard.press("Tab")
    here.lead.keyboard.press("Enter")
    leading(here.lead, "ended")
    for page in here.devices:
        titled(page, "room.phone.ended.title")
        expect(page.get_by_role("table")).to_have_count(4)
    titled(here.wall, "room.wall.ended")
    here.look("ended")
