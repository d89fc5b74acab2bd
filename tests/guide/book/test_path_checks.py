"""What stands in the path: each planted mistake is named, and what only looks like one is let pass."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from guide.book import Book, Problem, load_book
from guide.book.path_checks import misfits
from tests.guide import toy
from tests.guide.book.problems import matches, problems_of
from tests.guide.toy import Folder

LIMIT = {
    "trouble": "silence",
    "after": "30",
    "fixable": "true",
    "setting": "knock",
    "sentence": "Shut.",
    "facts": ["leaf"],
}
"""A limit without mistakes: an inn that shuts its door when nobody speaks."""


def on_the_way(place: str | None = "road", **spoilt: str | list[str] | None) -> Callable[[Folder], Any]:
    """A question that has places, and an inn in one of them; `spoilt` replaces parts of its limit, None drops them."""
    limit = {key: value for key, value in {**LIMIT, **spoilt}.items() if value is not None}
    inn = toy.answer("an inn", limits=[limit], **({"place": place} if place else {}))
    places = {"road": {"title": "The road", "hint": "dusty"}, "door": {"title": "The door", "hint": "ajar"}}
    alone = toy.answer("nothing on the way", alone="true")
    way = toy.question(6, "self", {"clear": alone}, places=places, multiple="true")
    return lambda f: f.update({"questions/way.yaml": way, "path/inns.yaml": {"inn": inn}})


def called(*aliases: str, **well: Any) -> Callable[[Folder], Any]:
    """The inn has other names; `well`: what is said of a second thing on the way."""

    def spoil(f: Folder) -> None:
        on_the_way()(f)
        f["path/inns.yaml"]["inn"].update(aliases=list(aliases))
        if well:
            f["path/inns.yaml"]["well"] = toy.answer("a well", **well)

    return spoil


def after(first: Callable[[Folder], Any], then: Callable[[Folder], Any]) -> Callable[[Folder], Any]:
    return lambda f: (first(f), then(f))


MISTAKES: dict[str, tuple[Callable[[Folder], Any], Problem]] = {
    "a question with one answer": (
        lambda f: f["questions/mood.yaml"]["answers"].pop("fresh"),
        Problem("questions/mood.yaml", "answers", "1 in all", "two or more"),
    ),
    "alone among answers of which one is chosen": (
        lambda f: f["questions/time.yaml"]["answers"]["noon"].update(alone="true"),
        Problem("questions/time.yaml", "answers.noon.alone", "true", "only where the question is multiple"),
    ),
    "limits without a place": (
        on_the_way(place=None),
        Problem("path/inns.yaml", "inn.limits", "limits without a place", "what has a place"),
    ),
    "limits where nothing has a place": (
        lambda f: f["questions/time.yaml"]["answers"]["noon"].update(limits=[LIMIT]),
        Problem("questions/time.yaml", "answers.noon.limits", "limits without a place", "what has a place"),
    ),
    "nowhere in the path": (
        after(on_the_way(), lambda f: f["path/inns.yaml"].update(well=toy.answer("a well"))),
        Problem("path/inns.yaml", "well.place", "no place", "door, road"),
    ),
    "a place that is not in the path": (
        on_the_way(place="moon"),
        Problem("path/inns.yaml", "inn.place", "'moon'", "door, road"),
    ),
    "a place where there are none": (
        lambda f: f["questions/time.yaml"]["answers"]["noon"].update(place="road"),
        Problem("questions/time.yaml", "answers.noon.place", "'road'", "none"),
    ),
    "unknown option of a limit": (
        on_the_way(option="milk"),
        Problem("path/inns.yaml", "inn.limits.0.option", "'milk'", "coffee, tea"),
    ),
    "unknown fact of a limit": (
        on_the_way(facts=["root"]),
        Problem("path/inns.yaml", "inn.limits.0.facts", "no fact is called 'root'", "facts/"),
    ),
    "silence without a time": (
        on_the_way(after=None),
        Problem("path/inns.yaml", "inn.limits.0.after", "silence without it", "seconds"),
    ),
    "a time where none counts": (
        on_the_way(trouble="upgrade"),
        Problem("path/inns.yaml", "inn.limits.0.after", "upgrade with it", "for silence and length only"),
    ),
    "less than comes by default": (
        on_the_way(most="29.5"),
        Problem("path/inns.yaml", "inn.limits.0.most", "29.5", "no less than `after`"),
    ),
    "the most of nothing": (
        on_the_way(trouble="drops", after=None, most="60"),
        Problem("path/inns.yaml", "inn.limits.0.most", "60", "not without it"),
    ),
    "fixable, but how": (
        on_the_way(setting=None),
        Problem("path/inns.yaml", "inn.limits.0.setting", "none", "what to set, since it is fixable"),
    ),
    "a name of two": (
        called("the Crown", place="road", aliases=["the crown"]),
        Problem("path/inns.yaml", "well.aliases.0", "'the crown' is a name of 'inn' too", "once in this stretch"),
    ),
    "a name given twice": (
        called("the Crown", "The Crown"),
        Problem("path/inns.yaml", "inn.aliases.1", "'The Crown' is a name of 'inn' too", "once in this stretch"),
    ),
    "a name that is its text": (
        called("An Inn"),
        Problem("path/inns.yaml", "inn.aliases.0", "'An Inn' is its text", "another name"),
    ),
    "a name of what has no place": (
        lambda f: f["questions/time.yaml"]["answers"]["noon"].update(aliases=["midday"]),
        Problem("questions/time.yaml", "answers.noon.aliases.0", "'midday' without a place", "what has a place"),
    ),
    "silence that nothing cures": (
        on_the_way(fixable="false"),
        Problem("path/inns.yaml", "inn.limits.0.fixable", "false", "a heartbeat cures silence"),
    ),
}
SOUND: dict[str, Callable[[Folder], Any]] = {
    "silence": on_the_way(),
    "as much as comes by default": on_the_way(most="30"),
    "for one option": on_the_way(option="tea"),
    "past mending": on_the_way(trouble="holds", after=None, fixable="false", setting=None),
    "other names": called("the Crown", "the Anchor", place="road", aliases=["the Old Well"]),
    "a name of two, in different stretches": called("the Crown", place="door", aliases=["the Crown"]),
    "nothing known of it": after(on_the_way(), lambda f: f["path/inns.yaml"]["inn"].update(limits=[])),
}
"""What stands in the path and is no mistake, however much it looks like one above."""


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named(mistake: str, tmp_path: Path) -> None:
    spoil, expected = MISTAKES[mistake]
    files = toy.folder()
    spoil(files)
    [found] = problems_of(toy.write(files, tmp_path))
    assert matches(found, expected), str(found)


def test_both_books_are_free_of_misfits(teahouse: Book, ours: Book) -> None:
    assert [*misfits(teahouse), *misfits(ours)] == []


@pytest.mark.parametrize("sound", SOUND)
def test_what_is_in_order_is_let_pass(sound: str, tmp_path: Path) -> None:
    files = toy.folder()
    SOUND[sound](files)
    files["questions/way.yaml"]["answers"]["clear"].update(
        effects=[toy.effect("tea", "favours")]
    )  # else an empty inn leaves it idle
    assert "inn" in load_book(toy.write(files, tmp_path)).questions["way"].answers


def test_limits_are_reason_enough_to_ask(tmp_path: Path) -> None:
    files = toy.folder()
    on_the_way()(files)
    assert load_book(toy.write(files, tmp_path)).questions["way"]
    files["path/inns.yaml"]["inn"].update(limits=[])
    [problem] = problems_of(toy.write(files, tmp_path))
    assert problem.found == "no answer changes anything"
