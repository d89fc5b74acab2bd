"""The lab and a room in Firefox: both play to their results, and no script of ours fails there.

What Firefox does differently is part of the lesson: it gives up EventSource at the first refused connection.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from guide.book import book
from tests.browser.firefox import Firefox, find_firefox, firefox
from tests.browser.labs import SHORT
from tests.browser.led_room import LedRoom, led_room
from tests.patience import seconds

FOUND = find_firefox()
WORDS = book().words
pytestmark = pytest.mark.skipif(FOUND is None, reason="no Firefox on this machine")
RUN_S = seconds(120)
"""No scenario takes longer."""
_FIND = """((id, all = (root) => [...root.querySelectorAll("*")]) => {
  const roots = [document];
  for (const root of roots) {
    const found = root.querySelector(`[data-testid="${id}"]`);
    if (found) return found;
    roots.push(...all(root).flatMap((one) => one.shadowRoot ?? []));
  }
  return null;
})"""


@pytest.fixture(scope="module")
def fox() -> Iterator[Firefox]:
    assert FOUND is not None
    with firefox(FOUND) as driven:
        yield driven


def text(fox: Firefox, test_id: str) -> str:
    return str(fox.evaluate(f"({_FIND}('{test_id}')?.textContent ?? '').trim()"))


def play(fox: Firefox, app_url: str, scenario: str) -> str:
    """One run of a scenario with its default choices; what is said of it."""
    fox.leave()
    fox.open(f"{app_url}/lab?s={scenario}")
    fox.wait(f"Boolean({_FIND}('lab-start')?.textContent.trim()) && {_FIND}('lab-start')?.disabled === false", RUN_S)
    fox.evaluate(f"{_FIND}('lab-question').value = '{SHORT}'")
    fox.evaluate(f"void {_FIND}('lab-start').click()")
    fox.wait(f"{_FIND}('lab-start')?.disabled === true", RUN_S)
    fox.wait(f"{_FIND}('lab-start')?.disabled === false && {_FIND}('lab-sentence').textContent !== ''", RUN_S)
    return text(fox, "lab-sentence")


@pytest.mark.parametrize("scenario", ["plain", "drop", "stop", "silence", "restart", "tabs"])
def test_a_scenario_plays_to_its_result(fox: Firefox, app_url: str, scenario: str) -> None:
    said = play(fox, app_url, scenario)
    assert any(letter.isdigit() for letter in said), said
    assert "1 attempts" not in said
    assert fox.errors == []


def heading(fox: Firefox, key: str, **values: object) -> None:
    """Wait for the heading of a room's page."""
    said = json.dumps(WORDS[key].format(**values))
    fox.wait(f"document.querySelector('h1')?.textContent === {said}", RUN_S)


def enter(fox: Firefox, room: LedRoom, number: int) -> Firefox:
    fox.open(room.address)
    heading(fox, "room.phone.join.title")
    fox.evaluate("void document.querySelector('button.primary').click()")
    heading(fox, "room.phone.lobby.title", number=number)
    return fox


def figures(fox: Firefox, name: str) -> Any:
    """Those of the page itself: over SSE, over WebSocket."""
    cells = f"[...document.querySelectorAll('tr[data-figure={name}] td b')]"
    return fox.evaluate(f"{cells}.map((cell) => cell.textContent)")


def test_two_people_are_cut_and_lose_nothing(fox: Firefox, app_url: str) -> None:
    """One of them loads the page anew in mid-answer besides."""
    fox.leave()
    with led_room(app_url) as room:
        people = enter(fox, room, 1), enter(fox.stranger(), room, 2)
        room.go_to("resume")
        for one in people:
            heading(one, "room.round.resume.title")
        room.do("next")
        tokens = "Number(document.querySelector('[data-testid=pane-sse] [data-count=tokens]')?.textContent)"
        people[0].wait(f"{tokens} > 5", RUN_S)
        people[0].open(room.address)
        room.until_it_holds(lambda state: state["phase"] == "reveal" and state["counts"]["received"] == 2)
        assert [one["number"] for one in room.state()["list"]] == [1, 2]
        for one in people:
            heading(one, "room.phone.reveal.open")
            assert [figures(one, name) for name in ("lost", "repeated", "tokens")] == [
                ["0"] * 2,
                ["0"] * 2,
                ["120"] * 2,
            ]
        assert figures(people[1], "cuts") == ["1", "1"]
        assert [one.errors for one in people] == [[], []]
        people[1].close()
