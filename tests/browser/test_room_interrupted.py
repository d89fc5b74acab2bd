"""What pages of a room say when they were frozen, or their server has died: the truth, and nobody needs to type."""

from __future__ import annotations

import json
import os
import signal
import time
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from demos.clients.chromium import Chromium, chromium
from demos.processes.demo_server import served
from tests.browser.led_room import PHASE_S, led_room
from tests.browser.room_people import CUT, LAPTOP, PHONE, WALL, WORDS, join, lead_and_wall, titled, visitors
from tests.patience import seconds

LEVEL_S = seconds(2)
EXPECTED = f"{CUT}|404"


class FrozenPhone:
    """A page that can be frozen, as by a phone's screen that goes dark. Playwright keeps its pages awake."""

    def __init__(self, browser: Chromium) -> None:
        target = browser.command("Target.createTarget", {"url": "about:blank"})["targetId"]
        attached = browser.command("Target.attachToTarget", {"targetId": target, "flatten": True})
        self._browser, self._session = browser, attached["sessionId"]

    def command(self, method: str, **params: object) -> dict[str, Any]:
        return self._browser.command(method, params, self._session)

    def evaluate(self, expression: str) -> Any:
        return self.command("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def wait(self, expression: str, patience_s: float) -> None:
        """Wait until that is true."""
        ends = time.monotonic() + patience_s
        while not self.evaluate(expression):
            assert time.monotonic() < ends, (expression, self.evaluate("document.body.innerText"))
            time.sleep(0.05)  # between two looks

    def titled(self, key: str, patience_s: float, **values: object) -> None:
        """Wait for this heading."""
        said = json.dumps(WORDS[key].format(**values))
        self.wait(f"document.querySelector('h1')?.textContent === {said}", patience_s)

    def freeze(self) -> None:
        """The page is hidden, and stands still."""
        self.command("Emulation.setFocusEmulationEnabled", enabled=False)
        self.command("Page.setWebLifecycleState", state="frozen")

    def wake(self) -> None:
        """The page goes on, and is seen."""
        self.command("Page.setWebLifecycleState", state="active")
        self.command("Emulation.setFocusEmulationEnabled", enabled=True)


@pytest.mark.calm
def test_a_frozen_phone_is_level_at_once_and_left_out(app_url: str) -> None:
    with led_room(app_url, "all") as room, chromium() as browser:
        phone = FrozenPhone(browser)
        phone.command("Page.navigate", url=room.address)
        phone.titled("room.phone.join.title", PHASE_S)
        phone.evaluate("document.querySelector('button.primary').click()")
        phone.titled("room.phone.lobby.title", PHASE_S, number=1)
        room.go_to("plain")
        phone.titled("room.round.plain.title", PHASE_S)
        room.do("next")
        room.until_it_holds(lambda state: (state.get("live") or {"tokens": 0})["tokens"] > 5)
        phone.freeze()
        room.end_run()
        # The room waits for the phone, and then no longer.
        assert room.until("reveal")["counts"]["received"] == 0
        phone.wake()
        phone.titled("room.phone.reveal.open", LEVEL_S)
        # It has figures, late ones of its own. They are none of the room's.
        phone.wait("document.querySelectorAll('tr[data-figure=tokens] td b').length === 2", PHASE_S)
        found = room.state()
        assert (found["counts"]["received"], found["result"]["came"]) == (1, None)
        assert found["result"]["came"] is None, "nobody else was there"


def test_a_server_that_died_is_told_on_every_page(browser: Browser) -> None:
    """First that the machine does not answer; once there is a new server, that the room is gone."""
    with visitors(browser, [PHONE, WALL, LAPTOP], EXPECTED) as (phone, wall, lead):
        with served() as first, led_room(f"http://127.0.0.1:{first.port}", "15min") as room:
            lead_and_wall(room, lead, wall)
            join(phone, room, 1)
            room.go_to("plain")
            titled(wall, "room.round.plain.title")
            titled(phone, "room.round.plain.title")
            os.kill(first.pid, signal.SIGKILL)
            expect(phone.locator("#link")).to_contain_text(WORDS["room.phone.link.server"])
            expect(wall.locator("#trouble")).to_contain_text("The room's machine has not answered for")
            expect(lead.locator("#trouble")).to_contain_text("The room's machine has not answered for")
            titled(wall, "room.round.plain.title")  # what it showed stays
        with served(port=first.port):
            titled(phone, "room.phone.gone.title")
            titled(wall, "room.wall.end.gone")
            expect(lead.locator("#status")).to_have_text(WORDS["room.lead.end.gone"])
