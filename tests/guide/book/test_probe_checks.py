"""What the probe knows is checked with the rest: a mistake is named, with its file and its place."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from guide.book import Book
from guide.book.probe_checks import misread
from guide.model import Outcome, Sign


def test_ours_has_signs_and_outcomes_without_a_mistake(ours: Book) -> None:
    assert ours.signs
    assert ours.outcomes
    assert [*misread(ours)] == []


def with_sign(book: Book, **given: Any) -> Book:
    means = next(iter(book.signs.values())).means
    sign = Sign(**{"means": means, **given})
    return dataclasses.replace(book, signs={"new": sign}, outcomes={}, files={"probe/signs/new": "probe/signs.yaml"})


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"header": "server", "means": "nosuch"}, "new.means"),
        ({"header": "server", "means": "nothing"}, "new.means"),  # an answer, but nothing that stands in the path
        ({"header": "server", "seen": ["via"]}, "new.seen"),
        ({"says": "x"}, "new.says"),
        ({"header": "server", "unseen": ["via"]}, "new.unseen"),
        ({"header": "server", "unless": ["via"]}, "new.unless"),
        ({"header": "server", "says": "("}, "new.says"),
    ],
)
def test_a_sign_that_cannot_be_read_is_named(ours: Book, given: dict[str, Any], place: str) -> None:
    assert [(file, path) for file, path, _, _ in misread(with_sign(ours, **given))] == [("probe/signs.yaml", place)]


@pytest.mark.parametrize(
    ("answers", "place"),
    [
        ({"nosuch": ["x"]}, "new.answers"),
        ({"passage": ["held"]}, "new.answers"),  # never asked
        ({"path": ["nosuch"]}, "new.answers.path"),
        ({"silence": ["short", "minute"]}, "new.answers.silence"),
        ({"silence": []}, "new.answers.silence"),
    ],
)
def test_an_answer_that_no_question_has_is_named(ours: Book, answers: dict[str, Any], place: str) -> None:
    outcome = Outcome(found=("streams-held",), answers=answers)
    files = {"probe/answers/new": "probe/answers.yaml"}
    book = dataclasses.replace(ours, signs={}, outcomes={"new": outcome}, files=files)
    assert [(file, path) for file, path, _, _ in misread(book)] == [("probe/answers.yaml", place)]
