"""Every case is tried, every one that fails is named, and none at all is a failure."""

from __future__ import annotations

import inspect

import pytest

from tests.every import every


def test_all_are_tried_and_each_that_fails_is_named() -> None:
    tried: list[int] = []

    @every("number", [1, 2, 3, 4])
    def odd(number: int) -> None:
        tried.append(number)
        assert number % 2, "it is even"

    with pytest.raises(ExceptionGroup, match="2 of 4 fail: number = 2; number = 4") as caught:
        odd()
    assert tried == [1, 2, 3, 4]
    assert [str(error).split("\n")[0] for error in caught.value.exceptions] == ["it is even", "it is even"]


def test_one_below_another_tries_every_combination() -> None:
    tried: list[tuple[str, int, int]] = []

    @every("letter", "ab")
    @every(("number", "square"), lambda: ((n, n * n) for n in (1, 2)))
    def each(letter: str, number: int, square: int) -> None:
        tried.append((letter, number, square))

    each()
    assert tried == [("a", 1, 1), ("a", 2, 4), ("b", 1, 1), ("b", 2, 4)]


def test_without_a_case_nothing_is_proven() -> None:
    with pytest.raises(AssertionError, match="no number to try"):
        every("number", [])(lambda number: None)()


def test_fixtures_are_handed_on() -> None:
    @every("number", [1])
    def asks(number: int, tmp_path: object) -> None:
        assert tmp_path == "here"

    assert [*inspect.signature(asks).parameters] == ["tmp_path"]
    asks(tmp_path="here")
