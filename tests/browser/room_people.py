"""People of a room: contexts of their own in one Chromium, and some who are simulated."""

from __future__ import annotations

import asyncio
import random
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

from playwright.sync_api import Browser, ConsoleMessage, Error, Locator, Page, ViewportSize, expect

from demos.crowd.attendee import Attendee, Manner
from demos.crowd.crowd import choices_of
from demos.crowd.room_client import RoomClient, open_http
from guide.book import book
from tests.browser.led_room import LedRoom
from tests.patience import milliseconds, seconds

WORDS = book().words
CUT = r"ERR_(CONNECTION_\w+|INCOMPLETE_CHUNKED_ENCODING|NETWORK_\w+|ABORTED)|WebSocket connection"
"""What Chromium writes of a connection that is cut or refused."""
PHONE: ViewportSize = {"width": 390, "height": 844}
LAPTOP: ViewportSize = {"width": 1280, "height": 800}
WALL: ViewportSize = {"width": 1920, "height": 1080}
HEARD_S = seconds(20)
BEYOND = """() => {
  const { bottom, right } = document.querySelector("#stage").getBoundingClientRect();
  const seen = [...document.querySelectorAll("#stage *")].filter((one) => !one.closest("dialog"));
  const out = seen.filter((one) => {
    const box = one.getBoundingClientRect();
    return box.width && (box.bottom > bottom + 1 || box.right > right + 1);
  });
  const full = [...document.querySelectorAll(".page")].filter((one) => one.scrollHeight > one.clientHeight + 1);
  const { scrollWidth, scrollHeight } = document.documentElement;
  const told = [...out, ...full].slice(0, 3).map((one) => one.outerHTML);
  return [scrollWidth > innerWidth, scrollHeight > innerHeight, ...told];
}"""
"""For a wall: whether the page scrolls, across or down, and what stands out of its place."""


@contextmanager
def visitors(
    browser: Browser, sizes: Sequence[ViewportSize], expected: str = CUT, moving: bool = False
) -> Iterator[list[Page]]:
    """A page for each size, all strangers to each other; narrow ones have a touch screen.

    `moving`: whether they like motion, so that the wall turns its pages while a test looks at them.

    Raises:
        AssertionError: at the end, if a script has failed, or anything but `expected` was logged as an error.
    """
    errors: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(f"{message.text} ({message.location.get('url', '')})")

    def thrown(error: Error) -> None:
        errors.append(str(error))

    pages = []
    for size in sizes:
        motion: Literal["no-preference", "reduce"] = "no-preference" if moving else "reduce"
        context = browser.new_context(viewport=size, has_touch=size["width"] < 800, reduced_motion=motion)
        context.set_default_timeout(milliseconds(30_000))
        pages.append(page := context.new_page())
        page.on("console", heard)
        page.on("pageerror", thrown)
    try:
        yield pages
    finally:
        for page in pages:
            page.context.close()
    assert [error for error in errors if not re.search(expected, error)] == []


def titled(page: Page, key: str, **values: object) -> None:
    """Wait for the heading of a phone's or of the wall's page."""
    expect(page.get_by_role("heading", level=1)).to_have_text(WORDS[key].format(**values))


def join(page: Page, room: LedRoom, number: int) -> None:
    """Enter as somebody new, who is this number."""
    page.goto(room.address)
    touch(page.get_by_role("button", name=WORDS["room.phone.join.go"]))
    titled(page, "room.phone.lobby.title", number=number)
    expect(page.get_by_test_id("checks").locator("li[data-good=true]")).to_have_count(3)


def touch(place: Locator) -> None:
    """Press something as its device does: by a finger, or by the keyboard."""
    if place.page.evaluate("() => navigator.maxTouchPoints > 0"):
        place.tap()
        return
    place.focus()
    place.press("Space")


def lead_and_wall(room: LedRoom, lead: Page, wall: Page) -> None:
    """Open both by the links that whoever opened the room has."""
    lead.goto(f"{room.address}/lead#{room.secret}.{room.view}")
    wall.goto(f"{room.address}/wall#{room.view}")
    leading(lead, "lobby")


def leading(lead: Page, phase: str) -> None:
    """Wait until the lead's page is in this phase."""
    expect(lead.locator("#status")).to_have_text(WORDS[f"room.lead.phase.{phase}"])


@contextmanager
def simulated(room: LedRoom, people: int) -> Iterator[None]:
    """So many simulated people take part while the block lasts.

    Raises:
        AssertionError: they did not come, or the room did not take what they said.
    """
    loop, over, crowd = asyncio.new_event_loop(), asyncio.Event(), list[Attendee]()

    async def attend() -> None:
        async with open_http(room.api) as http:
            client, chances = RoomClient(http, room.api, room.code), map(random.Random, range(people))
            crowd.extend(Attendee(http, client, chance, Manner(), choices_of()) for chance in chances)
            attending = [asyncio.create_task(one.attend(0.1 * n)) for n, one in enumerate(crowd)]
            await over.wait()
            for task in attending:
                task.cancel()
            await asyncio.gather(*attending, return_exceptions=True)

    thread = threading.Thread(target=loop.run_until_complete, args=(attend(),), daemon=True)
    thread.start()
    try:
        room.until_it_holds(lambda state: state["counts"]["simulated"] == people)
        yield
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(HEARD_S)
    assert [one.failed or one.refusals for one in crowd] == [[]] * people
    loop.close()
