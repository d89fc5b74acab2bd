"""What a run has shown, in one sentence: chosen by what was measured, and a run that did not show its point says so.

Every scenario is given the figures of the usual run, of other outcomes, and of runs that were spoiled.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from demos.lab.words import lab_words, shown
from demos.protocol.errors import Refusal
from demos.scenarios import scenarios
from guide.book import book
from tests.browser.scripts import evaluated

AGAIN = "So: this run did not show it. {} Run it again."
_LESSONS = (Path(__file__).parent / "lessons.js").read_text(encoding="utf-8")


@pytest.fixture
def expected_errors() -> list[str]:
    return [r"nothing to fill in for \{(?!times)"]  # of the sentence with figures, which these runs have few of


def test_every_scenario_says_what_a_run_has_shown_or_that_it_did_not(page: Page) -> None:
    words = book().words
    found = evaluated(page, _LESSONS)
    assert {one["name"] for one in found} == set(scenarios())
    assert [(one["name"], one["so"]) for one in found] == [(one["name"], one["expected"]) for one in found]
    for one in found:
        name, keys = one["name"], one["sent"]
        texts = [words[f"scenario.{name}.so.{key}"] for key in keys]
        if one["spoiled"]:
            assert one["told"] == AGAIN.format(" ".join(texts))
            with pytest.raises(Refusal, match="did not show its point"):
                shown(name, lab_words(name), keys, one["values"])
        else:
            assert one["told"].startswith("So: ")
            assert "{" not in one["told"]
            # The record says the same, in the server's own words.
            assert shown(name, lab_words(name), keys, one["values"]).strip() == one["told"]
    for name in scenarios():
        kinds = {one["spoiled"] for one in found if one["name"] == name}
        assert kinds == {True, False}, name


def test_a_lesson_is_one_sentence_or_two_and_short_enough_to_say_again() -> None:
    lessons = {key: text for key, text in book().words.items() if ".so." in key and key.startswith("scenario.")}
    assert max(len(text) for text in lessons.values()) <= 140
    for name in scenarios():
        own = [key for key in lessons if key.startswith(f"scenario.{name}.so.")]
        assert any(key.split(".so.")[1].startswith("not_") for key in own), name
