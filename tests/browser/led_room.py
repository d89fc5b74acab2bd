"""A room that a test leads by the lead's own requests, and how it waits for a phase."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx

from tests.patience import seconds

PHASE_S = seconds(60)
"""A round takes ten seconds; on a busy machine longer."""
LATER = """() => {
  const now = performance.now.bind(performance);
  performance.now = () => now() + 1000;
}"""
"""For the lead's page, where a second press so soon would be the same press."""


class LedRoom:
    """A room on the app, with its secret."""

    def __init__(self, app_url: str, agenda: str, http: httpx.Client) -> None:
        self.http = http
        keys = http.post(f"{app_url}/api/rooms", json={"agenda": agenda}).raise_for_status().json()
        self.code: str = keys["code"]
        self.secret: str = keys["secret"]
        self.view: str = keys["view"]
        self.api = f"{app_url}/api"
        self.address = f"{app_url}/r/{self.code}"
        self._api = f"{self.api}/rooms/{self.code}"
        self._headers = {"Authorization": f"Bearer {self.secret}"}

    def state(self) -> dict[str, Any]:
        """What the lead's page is told."""
        found: dict[str, Any] = self.http.get(f"{self._api}/state", headers=self._headers).raise_for_status().json()
        return found

    def joined(self) -> None:
        """Let somebody in who never says anything."""
        body = {"kind": "phone", "browser": "Chrome"}
        self.http.post(f"{self._api}/join", json=body).raise_for_status()

    def do(self, what: str, **more: object) -> None:
        """What the lead's page asks for. The room may move on by itself meanwhile: then it is asked for again."""
        while True:
            body = {"what": what, "turn": self.state()["turn"], **more}
            answer = self.http.post(f"{self._api}/do", headers=self._headers, json=body)
            if answer.status_code != 409 or answer.json()["error"] != "stale_turn":
                answer.raise_for_status()
                return

    def go_to(self, step: str) -> None:
        """Enter the step of this name."""
        names = [one["name"] for one in self.state()["steps"]]
        self.do("skip", step=names.index(step) + 1)

    def until(self, phase: str) -> dict[str, Any]:
        """Wait until the room is in this phase; returns its state."""
        return self.until_it_holds(lambda state: state["phase"] == phase)

    def until_it_holds(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait until that holds of the room's state, and return it."""
        ends = time.monotonic() + PHASE_S
        while not holds(state := self.state()):
            assert time.monotonic() < ends, state
            time.sleep(0.05)  # between two looks
        return state

    def end_run(self) -> None:
        """Do not wait for the rest of the answer. A run that is over by itself needs no end."""
        state = self.state()
        if state["phase"] == "running":
            body = {"what": "next", "turn": state["turn"]}
            self.http.post(f"{self._api}/do", headers=self._headers, json=body)


@contextmanager
def led_room(app_url: str, agenda: str = "15min") -> Iterator[LedRoom]:
    """A room for as long as the block lasts."""
    with httpx.Client(timeout=seconds(20)) as http:
        room = LedRoom(app_url, agenda, http)
        try:
            yield room
        finally:
            with suppress(httpx.HTTPError):
                room.do("end")
