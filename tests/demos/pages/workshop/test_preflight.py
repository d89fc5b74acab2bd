"""What the page says before people come, from what the server has seen."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from demos.pages.workshop import preflight
from demos.pages.workshop.preflight import PATIENCE_S, Seen
from demos.pages.workshop.rehearsal import read, verdict
from demos.rooms.people import Checks, Person
from guide.book import book

ADDRESS = "http://192.168.178.23:8501"
GOOD = Checks(True, True, 14.4, 120.0)
USUAL = Seen(True, [ADDRESS], 5.0, [GOOD])


def said(**changed: Any) -> list[tuple[str, str]]:
    """(mood, sentence without figures' words) of each line; every word exists and takes its values."""
    found = list(preflight.lines(dataclasses.replace(USUAL, **changed)))
    for line in found:
        assert "{" not in book().words[line.word].format(**line.values)
        assert f"workshop.mood.{line.mood}" in book().words
    return [(line.mood, line.word.removeprefix("workshop.check.")) for line in found]


def test_a_phone_that_came_proves_the_way() -> None:
    assert said() == [
        ("good", "listens"), ("good", "phone"), ("good", "websocket"), ("good", "streams"), ("hint", "portal")
    ]  # fmt: skip
    (phone,) = [line for line in preflight.lines(USUAL) if line.word.endswith(".phone")]
    assert phone.values == {"ms": "14", "worst": "120"}


def test_a_server_on_loopback_needs_one_thing_only() -> None:
    assert said(beyond_loopback=False, phones=[]) == [("bad", "alone")]


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"phones": []}, ("wait", "phone_wait")),
        ({"phones": [], "open_s": PATIENCE_S + 1}, ("bad", "phone_late")),
        ({"phones": [None], "open_s": PATIENCE_S + 1}, ("wait", "phone_joined")),
        ({"phones": [None, GOOD]}, ("good", "phone")),
        ({"addresses": []}, ("bad", "nowhere")),
        ({"addresses": [ADDRESS, "http://10.0.0.5:8501"]}, ("hint", "addresses")),
        ({"phones": [GOOD, Checks(False, True, 1, 1)]}, ("hint", "blocked")),
        ({"phones": [GOOD, Checks(True, False, 1, 1)]}, ("hint", "buffered")),
    ],
)
def test_each_thing_in_the_way_has_its_line(changed: dict[str, Any], line: tuple[str, str]) -> None:
    assert line in said(**changed)


def test_only_real_phones_prove_anything() -> None:
    people = [
        Person(1, "phone", "Chrome", False, 0.0, checks=GOOD),
        Person(2, "laptop", "Chrome", False, 0.0, checks=GOOD),
        Person(3, "phone", "simulated", True, 0.0, checks=GOOD),
        Person(4, "phone", "Safari", False, 0.0),
    ]
    assert preflight.phones(people) == [GOOD, None]


SUMMARY = {"joined": 60, "told_p95_ms": 40.2, "lost": 0, "repeated": 0, "cpu_share": 0.117, "good": True}


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({}, "good"),
        ({"told_p95_ms": 900.0}, "busy"),
        ({"good": False, "lost": 3}, "bad"),
        ({"told_p95_ms": None, "cpu_share": None}, "good"),
    ],
)
def test_a_rehearsal_is_summed_up_in_a_sentence(changed: dict[str, Any], key: str) -> None:
    word, values = verdict({**SUMMARY, **changed})
    assert word == f"workshop.rehearse.{key}"
    assert "None" not in book().words[word].format(**values)


@pytest.mark.parametrize("output", ["", "nothing", "[]", "{"])
def test_what_printed_no_figures_has_none(output: str) -> None:
    assert read(output) is None
