"""Problems of a knowledge folder, and whether they are those that were expected."""

from __future__ import annotations

from pathlib import Path

import pytest

from guide.book import BookError, Problem, load_book


def problems_of(folder: Path) -> list[Problem]:
    with pytest.raises(BookError) as caught:
        load_book(folder)
    return caught.value.problems


def matches(problem: Problem, expected: Problem) -> bool:
    same_place = (problem.file, problem.path) == (expected.file, expected.path)
    return same_place and expected.found in problem.found and expected.allowed in problem.allowed
