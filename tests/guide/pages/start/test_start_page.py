"""The start page without a browser: what it leads to exists. How it moves is in tests/browser/test_start.py."""

from __future__ import annotations

import pytest

from guide.pages.frame import word
from guide.pages.start import drop_picture, start_page
from tests.guide.pages.screens import address, app, fine, html


def test_the_start_says_what_both_are_and_how_long_it_takes() -> None:
    text = html(app())
    assert "Server-Sent Events (SSE)" in text
    assert "Answer 7 questions" in text


@pytest.mark.parametrize(("way", "title"), [("to_lab", "lab.title"), ("to_probe", "probe.page.title")])
def test_a_way_in_leads_to_its_page(way: str, title: str) -> None:
    assert word(title) in [found.value for found in fine(app().button(key=way).click().run()).title]


def test_the_way_through_the_questions_goes_on_where_one_was() -> None:
    test = app(a="1~uplink.nothing")
    assert "begin" not in [button.key for button in test.button]
    fine(test.button(key="continue").click().run())
    assert address(test)["at"] == "media"


def test_buttons_that_fill_in_answers_have_a_name_each() -> None:
    labels = [button.label for button in app().button if str(button.key).startswith("use_")]
    assert len(labels) == len(set(labels)) > 1


def test_the_command_is_the_one_that_can_be_copied() -> None:
    assert [code.value for code in app().code] == [start_page.PROBE]


def test_the_answer_in_the_picture_goes_on_after_the_cut() -> None:
    assert len(word("picture.answer").split()) > drop_picture.CUT_AFTER
