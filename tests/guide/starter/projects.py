"""Starter projects for tests: every combination of axes that answers can lead to, and many sets of answers."""

from __future__ import annotations

import datetime
import functools
import itertools
import random
from collections.abc import Iterator, Mapping

from guide.book import Book, book
from guide.decision.engine import asked_questions, choose
from guide.decision.starter import fits_axes, variants
from guide.model import UNKNOWN
from guide.report.report import build
from guide.starter.project import Project, make

DAY = datetime.date(2026, 11, 29)
Answers = dict[str, tuple[str, ...]]
Axes = tuple[tuple[str, str], ...]


def all_axes() -> Iterator[dict[str, str]]:
    """Every combination of values that respects what each of them is `only` for."""
    axes = book().starter.axes
    seen: set[tuple[str, ...]] = set()
    for chosen in itertools.product(*axes.values()):
        found = {axis: one.value for axis, one in zip(axes, chosen, strict=True)}
        if all(fits_axes(one.only, found) for one in chosen) and tuple(found.values()) not in seen:
            seen.add(tuple(found.values()))
            yield found


def random_answers(seed: int, ours: Book) -> Answers:
    """Answers to some of the questions, by chance."""
    chance = random.Random(seed)
    found: Answers = {}
    for qid in ours.questions:
        question = ours.questions[qid]
        if question.derived or qid not in asked_questions(ours, found) or chance.random() < 0.3:
            continue
        count = chance.choice((1, 1, 2, 3)) if question.multiple else 1
        chosen = tuple(chance.sample([*question.answers, UNKNOWN], count))
        apart = [aid for aid in chosen if aid == UNKNOWN or question.answers[aid].alone]
        found[qid] = (apart[0],) if apart else chosen
    return found


@functools.cache
def project(answers: tuple[tuple[str, tuple[str, ...]], ...], choice: str) -> Project:
    """The project of these answers, made once."""
    return make(book(), build(book(), dict(answers), choice), DAY)


class Projects(Mapping[Axes, Project]):
    """By their axes, one project of each kind that is met among 2,000 sets of answers; made when it is asked for."""

    def __init__(self) -> None:
        self._known = kinds()

    def __getitem__(self, axes: Axes) -> Project:
        return project(*self._known[axes])

    def __iter__(self) -> Iterator[Axes]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


@functools.cache
def every_project() -> Projects:
    return Projects()


@functools.cache
def kinds() -> dict[Axes, tuple[tuple[tuple[str, tuple[str, ...]], ...], str]]:
    """Axes -> (answers that lead to them, the transport)"""
    found: dict[Axes, tuple[tuple[tuple[str, tuple[str, ...]], ...], str]] = {}
    for seed in range(2_000):
        answers = random_answers(seed, book())
        for one in variants(book(), answers, choose(book(), answers)[0]):
            key = tuple(one.axes.items())
            if key not in found:
                found[key] = tuple(answers.items()), one.option
    return found
