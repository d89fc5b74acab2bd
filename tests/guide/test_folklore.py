"""Folklore: every claim that we contradict is contradicted by more than hearsay, and every recipe can be followed."""

from __future__ import annotations

import functools
import re
import shlex
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from demos.__main__ import main as demos
from demos.routes import routes
from guide import book as books
from guide.__main__ import main as guide
from guide.decision.engine import decide
from tests.every import every

OURS = books.book()
ROOT = Path(__file__).parents[2]
RECIPES = [(key, code) for key, lore in OURS.folklore.items() for code in re.findall(r"`([^`]+)`", lore.try_it)]
"""What stands in backticks: commands, lines for a browser's console, names of fields."""


def asks(pattern: str) -> list[tuple[str, str]]:
    return [(key, code) for key, code in RECIPES if re.search(pattern, code)]


@functools.cache
def site() -> TestClient:
    return TestClient(Starlette(routes=routes()), "http://localhost")


@every("key", OURS.folklore)
def test_folklore_is_contradicted_by_more_than_hearsay(key: str) -> None:
    assert {OURS.facts[fact].basis for fact in OURS.folklore[key].facts} & {"measured", "read"}


@every("key", [key for key, lore in OURS.folklore.items() if lore.see])
def test_folklore_that_the_lab_shows_names_a_scenario(key: str) -> None:
    assert (ROOT / "demos" / "scenarios" / f"{OURS.folklore[key].see}.py").is_file()


@pytest.mark.parametrize(("key", "code"), asks(r"python -m"))
def test_a_recipe_asks_for_a_command_that_there_is(key: str, code: str) -> None:
    """With --help at the end a command line is read, and refused where it is wrong, but nothing is run."""
    half, *arguments = shlex.split(code.split(".venv/bin/python -m ")[1])
    with pytest.raises(SystemExit) as end:
        (demos if half == "demos" else guide)([*arguments, "--help"])
    assert end.value.code == 0


@pytest.mark.parametrize(("key", "code"), asks(r"^echo"))
def test_a_recipe_decides_on_answers_that_there_are(key: str, code: str) -> None:
    said = shlex.split(code)[1]
    qid, aid = said.split(": ")
    assert aid in OURS.questions[qid].answers
    assert decide(OURS, {qid: (aid,)}).choice == "sse", "as the recipe says"


@pytest.mark.parametrize(("key", "code"), asks(r"/api/|^curl"))
def test_a_recipe_asks_at_an_address_that_there_is(key: str, code: str) -> None:
    (path,) = set(re.findall(r"/api/[\w/-]+", code))
    if re.search(r"WebSocket|ws://|Upgrade", code):
        found = opens(path)
    else:
        # Not understanding what was asked is an answer; "not_found" is that of an address that nobody serves.
        answer = site().request("POST" if " -d " in code else "GET", path, json={})
        found = answer.json().get("error") != "not_found"
    assert found == (path != "/api/nothing"), "the one that is missing on purpose"


def opens(path: str) -> bool:
    try:
        with site().websocket_connect(path, headers={"Host": "localhost"}):
            return True
    except WebSocketDisconnect:
        return False
