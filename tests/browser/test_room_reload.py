"""The wall and the lead's page are loaded anew in every phase: the same room, level at once, and still led."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from demos.processes.demo_server import served
from tests.browser.led_room import LedRoom, led_room
from tests.browser.room_people import LAPTOP, WALL, WORDS, visitors
from tests.patience import milliseconds

LEVEL_MS = milliseconds(1000)
_NOTES = """() => addEventListener("load", () => {
  const level = () => document.documentElement.dataset.phase || document.querySelector("#status")?.textContent;
  const look = () => level() && (watching.disconnect(), window.__level ??= performance.now() - loaded);
  const loaded = performance.now();
  const watching = new MutationObserver(look);
  watching.observe(document, { attributes: true, characterData: true, childList: true, subtree: true });
  look();
})"""
"""Added to a page: how long after it was loaded it shows the room's state."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """It has one thread, so one room at a time plays a round."""
    with served({"STREAMWISE_MAX_THREADS": "1"}) as found:
        yield f"http://127.0.0.1:{found.port}"


@pytest.fixture
def screens(browser: Browser) -> Iterator[tuple[Page, Page]]:
    with visitors(browser, [WALL, LAPTOP]) as (wall, lead):
        for page in (wall, lead):
            page.add_init_script(f"({_NOTES})()")
        yield wall, lead


def level(room: LedRoom, screens: tuple[Page, Page], phase: str) -> None:
    """Load both anew: each shows this phase, which the room was in meanwhile."""
    wall, lead = screens
    told = room.until(phase)
    for page in screens:
        page.reload()
    said = told["failed"] or WORDS[f"room.lead.phase.{phase}"]
    expect(lead.locator("#status")).to_have_text(said)
    expect(wall.locator("html")).to_have_attribute("data-phase", phase)
    for page in screens:
        expect(page.locator("#trouble")).to_have_text(_trouble(page, told["paused"]))
        assert page.evaluate("() => window.__level") < LEVEL_MS, (phase, page.url)
    expect(lead.locator("#place")).to_contain_text(room.code)
    expect(lead.locator("#title")).to_have_text(_title(told))
    assert room.state()["phase"] == phase, "it was over before both were looked at"


def _trouble(page: Page, paused: bool) -> str:
    return WORDS["room.wall.paused" if "/wall" in page.url else "room.lead.paused"] if paused else ""


def _title(told: dict[str, Any]) -> str:
    step = told["step"]
    return WORDS[f"room.{step['kind']}.{step['name']}.title"] if step else WORDS["room.lead.lobby"]


@pytest.mark.calm
def test_both_are_level_after_a_reload_in_every_phase(server: str, screens: tuple[Page, Page]) -> None:
    wall, lead = screens
    with led_room(server, "all") as room, led_room(server, "15min") as other:
        wall.goto(f"{room.address}/wall#{room.view}")
        lead.goto(f"{room.address}/lead#{room.secret}.{room.view}")
        room.joined()
        level(room, screens, "lobby")
        fails(room, other, screens)
        plays(room, screens)
        room.go_to("design")
        level(room, screens, "ask")
        room.do("next")
        level(room, screens, "answers")
        room.go_to("restart")
        level(room, screens, "talk")
        # The lead has its secret, though no address has it any more.
        lead.get_by_role("button", name=WORDS["room.lead.end"]).click()
        lead.get_by_role("dialog").get_by_role("button", name=WORDS["room.lead.end"]).click()
        level(room, screens, "ended")


def fails(room: LedRoom, other: LedRoom, screens: tuple[Page, Page]) -> None:
    other.go_to("plain")
    other.do("next")  # it has the server's only thread now
    room.go_to("silence")
    level(room, screens, "predict")
    room.do("next")
    level(room, screens, "failed")
    other.do("end")
    room.do("again")


def plays(room: LedRoom, screens: tuple[Page, Page]) -> None:
    """A round. Phases that end by themselves are paused meanwhile: somebody is there who never answers."""
    room.do("pause")
    level(room, screens, "predict")
    room.do("go_on")
    room.do("next")
    room.do("pause")
    level(room, screens, "arming")
    room.do("go_on")
    level(room, screens, "running")
    room.do("next")
    room.do("pause")
    level(room, screens, "collecting")
    room.do("go_on")
    level(room, screens, "reveal")
