"""Cross-checks: each planted mistake is named with its file, its place and what is allowed; all of them at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from guide.book import Book, Problem
from guide.book.checks import proofread
from tests.guide import toy
from tests.guide.book.problems import matches, problems_of
from tests.guide.toy import Folder

FAVOURS = toy.effect("tea", "favours")

MISTAKES: dict[str, tuple[Callable[[Folder], Any], Problem]] = {
    "unknown chapter": (
        lambda f: f["questions/time.yaml"].update(chapter="night"),
        Problem("questions/time.yaml", "chapter", "'night'", "day, self"),
    ),
    "same order": (
        lambda f: f["questions/mood.yaml"].update(order="4"),
        Problem("questions/mood.yaml", "order", "4 is taken by heart", "its own place"),
    ),
    "own unknown": (
        lambda f: f["questions/time.yaml"]["answers"].update(unknown=toy.answer("x", FAVOURS)),
        Problem("questions/time.yaml", "answers.unknown", "is added by the app", "any other id"),
    ),
    "same text": (
        lambda f: f["questions/time.yaml"]["answers"]["noon"].update(text="morning"),
        Problem("questions/time.yaml", "answers", "two answers read 'morning'", "texts that differ"),
    ),
    "unknown option in an effect": (
        lambda f: f["questions/time.yaml"]["answers"]["noon"].update(effects=[toy.effect("milk", "favours")]),
        Problem("questions/time.yaml", "answers.noon.effects.0.option", "'milk'", "coffee, tea"),
    ),
    "unknown fact in an effect": (
        lambda f: f["questions/time.yaml"]["answers"]["noon"].update(effects=[{**FAVOURS, "facts": ["root"]}]),
        Problem("questions/time.yaml", "answers.noon.effects.0.facts", "no fact is called 'root'", "facts/"),
    ),
    "unknown fact in a need": (
        lambda f: f["needs.yaml"]["kettle"].update(facts=["root"]),
        Problem("needs.yaml", "kettle.facts", "no fact is called 'root'", "facts/"),
    ),
    "unknown fact in a row": (
        lambda f: f["comparison.yaml"]["heat"].update(facts=["root"]),
        Problem("comparison.yaml", "heat.facts", "no fact is called 'root'", "facts/"),
    ),
    "unknown question in a condition": (
        lambda f: f["patterns.yaml"]["tea-iced"].update(when={"weather": ["hot"]}),
        Problem("patterns.yaml", "tea-iced.when", "no question is called 'weather'", "heart, mood"),
    ),
    "unknown answer in a condition": (
        lambda f: f["outside.yaml"]["water"].update(when={"time": ["midnight"]}),
        Problem("outside.yaml", "water.when.time", "'midnight'", "evening, morning, noon, unknown"),
    ),
    "a condition on a later question": (
        lambda f: f["questions/taste.yaml"].update(only_if={"mood": ["tired"]}),
        Problem("questions/taste.yaml", "only_if", "'mood' is asked later", "an earlier question"),
    ),
    "a condition on itself": (
        lambda f: f["questions/mood.yaml"]["answers"]["fresh"].update(
            effects=[toy.effect("tea", "favours", mood=["fresh"])]
        ),
        Problem(
            "questions/mood.yaml", "answers.fresh.effects.0.only_if", "'mood' is asked later", "an earlier question"
        ),
    ),
    "unknown option of a pattern": (
        lambda f: f["patterns.yaml"]["tea-iced"].update(option="milk"),
        Problem("patterns.yaml", "tea-iced.option", "'milk'", "coffee, level, tea"),
    ),
    "unknown option of a need": (
        lambda f: f["needs.yaml"]["filter"].update(option="milk"),
        Problem("needs.yaml", "filter.option", "'milk'", "coffee"),
    ),
    "an idle question": (
        lambda f: f.update(
            {"questions/hat.yaml": toy.question(9, "self", {"a": toy.answer("a"), "b": toy.answer("b")})}
        ),
        Problem("questions/hat.yaml", "answers", "no answer changes anything", "an effect, a quantity or a condition"),
    ),
    "an idle fact": (
        lambda f: f["facts/plants.yaml"].update(stem=toy.FACT),
        Problem("facts/plants.yaml", "stem", "nothing cites it", "cites"),
    ),
    "a quantity that nobody gives": (
        lambda f: f["needs.yaml"]["kettle"].update(what="Boil {cups}."),
        Problem("needs.yaml", "kettle.what", "no answer gives the quantity 'cups'", "litres"),
    ),
    "a brace too many": (
        lambda f: f["needs.yaml"]["kettle"].update(what="Boil {litres."),
        Problem("needs.yaml", "kettle.what", "no answer gives the quantity 'Boil {litres.'", "litres"),
    ),
    "a field without a name": (
        lambda f: f["needs.yaml"]["kettle"].update(what="Boil {}."),
        Problem("needs.yaml", "kettle.what", "no answer gives the quantity ''", "litres"),
    ),
    "a quantity with a format": (
        lambda f: f["needs.yaml"]["kettle"].update(what="Boil {litres:d}."),
        Problem("needs.yaml", "kettle.what", "no answer gives the quantity 'litres:d'", "litres"),
    ),
    "unknown expectation": (
        lambda f: f["cases.yaml"]["monk"].update(expect="milk"),
        Problem("cases.yaml", "monk.expect", "'milk'", "coffee, level, nothing, tea, water"),
    ),
    "a case with an unknown question": (
        lambda f: f["cases.yaml"]["monk"]["answers"].update(weather=["hot"]),
        Problem("cases.yaml", "monk.answers.weather", "no such question", "heart, mood"),
    ),
    "a case with an unknown answer": (
        lambda f: f["cases.yaml"]["monk"]["answers"].update(time=["midnight"]),
        Problem("cases.yaml", "monk.answers.time", "'midnight'", "evening, morning, noon, unknown"),
    ),
    "a case with two answers to one": (
        lambda f: f["cases.yaml"]["monk"]["answers"].update(time=["noon", "evening"]),
        Problem("cases.yaml", "monk.answers.time", "2 answers", "one: the question is not multiple"),
    ),
    "a row without a cell": (
        lambda f: f["comparison.yaml"]["heat"]["cells"].pop("tea"),
        Problem("comparison.yaml", "heat.cells", "coffee", "one cell for each of coffee, tea"),
    ),
    "no last pattern": (
        lambda f: f["patterns.yaml"]["coffee-plain"].update(when={"time": ["noon"]}),
        Problem("patterns.yaml", "", "no pattern of 'coffee' without a condition", "a last pattern"),
    ),
    "nothing when none is left": (
        lambda f: f["outside.yaml"]["nothing"].update(when_none_left="false", when={"taste": ["bitter"]}),
        Problem("outside.yaml", "", "when_none_left must be true once", "one entry"),
    ),
    "no pattern when it is level": (
        lambda f: f["patterns.yaml"].pop("level-either"),
        Problem("patterns.yaml", "", "no pattern of 'level' without a condition", "a last pattern"),
    ),
    "an outside that never holds": (
        lambda f: f["outside.yaml"].update(milk={"name": "Milk", "sentence": "Milk.", "facts": ["leaf"]}),
        Problem("outside.yaml", "milk.when", "never given", "a condition, or when_none_left"),
    ),
    "an id that is both inside and outside": (
        lambda f: f["outside.yaml"].update(tea=f["outside.yaml"]["water"]),
        Problem("outside.yaml", "tea", "is an option too", "an unused id"),
    ),
}


def test_both_books_are_free_of_mistakes(teahouse: Book, ours: Book) -> None:
    assert proofread(teahouse) == []
    assert proofread(ours) == []


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named(mistake: str, tmp_path: Path) -> None:
    spoil, expected = MISTAKES[mistake]
    files = toy.folder()
    spoil(files)
    found = problems_of(toy.write(files, tmp_path))
    assert any(matches(problem, expected) for problem in found), [str(p) for p in found]
    assert len(found) == 1, [str(p) for p in found]


def test_all_mistakes_at_once(tmp_path: Path) -> None:
    files = toy.folder()
    # Those that hide no other: each spoils an entry of its own.
    together = [
        "same order", "same text", "unknown fact in a need", "unknown fact in a row", "an idle question",
        "an idle fact", "unknown expectation", "no last pattern", "unknown answer in a condition",
    ]  # fmt: skip
    for mistake in together:
        MISTAKES[mistake][0](files)
    found = problems_of(toy.write(files, tmp_path))
    for mistake in together:
        assert any(matches(problem, MISTAKES[mistake][1]) for problem in found), mistake
    assert len(found) == len(together)


def test_a_mistake_reads_as_a_sentence() -> None:
    problem = Problem("needs.yaml", "kettle.facts", "no fact is called 'root'", "the id of an entry in facts/")
    text = "needs.yaml: kettle.facts: no fact is called 'root'. Allowed: the id of an entry in facts/"
    assert str(problem) == text
    assert str(Problem("needs.yaml", "", "found list", "a mapping")) == "needs.yaml: found list. Allowed: a mapping"
