"""Limits held against figures, on a path made for the purpose: each trouble once, each kind of cure."""

from __future__ import annotations

from typing import Any

import pytest

from guide.book import Book, load_book
from guide.decision.engine import decide
from guide.decision.path import Found, flags, passage
from guide.model import UNKNOWN, Trouble
from tests.guide import toy


def limit(trouble: str, fixable: bool, **more: Any) -> dict[str, Any]:
    given = {"trouble": trouble, "fixable": str(fixable).lower(), "sentence": "It does.", "facts": ["leaf"], **more}
    return given | ({"setting": "tap off;"} if fixable else {})


def tier(place: str, *limits: dict[str, Any]) -> dict[str, Any]:
    return toy.answer("", place=place, limits=list(limits))


TIERS = {
    "quick": tier("near", limit("silence", True, after="20")),
    "slow": tier("far", limit("silence", True, after="60")),
    "short": tier("far", limit("length", True, after="100", most="1000")),
    "strict": tier("far", limit("length", False, after="100", most="100", option="tea")),
    "sieve": tier("far", limit("holds", True, option="tea")),
    "dam": tier("far", limit("holds", False, option="tea")),
    "wall": tier("near", limit("upgrade", True, option="coffee")),
}


@pytest.fixture(scope="module")
def well(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """The teahouse with a path to the well: `near` lies in the guests' own hands."""
    files = toy.folder()
    for name, given in TIERS.items():
        files.setdefault("path/all.yaml", {})[name] = {**given, "text": name, "said": f"{name} is there"}
    figures = {
        name: toy.answer(name, quantities={trouble: {"value": seconds, "unit": "s"}})
        for name, trouble, seconds in [("still", "silence", "60"), ("brisk", "silence", "10")]
    }
    lengths = {
        name: toy.answer(name, quantities={"length": {"value": seconds, "unit": "s"}})
        for name, seconds in [("brief", "99"), ("long", "100"), ("endless", "5000")]
    }
    places = {
        "near": {"title": "Near", "hint": "theirs", "theirs": "true"},
        "far": {"title": "Far", "hint": "ours"},
    }
    alone = {"none": toy.answer("none", alone="true")}
    files["questions/quiet.yaml"] = toy.question(11, "self", figures)
    files["questions/span.yaml"] = toy.question(12, "self", lengths)
    files["questions/way.yaml"] = toy.question(13, "self", alone, multiple="true", places=places)
    arises = {
        "dry": [{"trouble": "holds", "option": "tea", "fixable": "false"}],
        "cut": [{"trouble": "length", "option": "tea", "fixable": "false"}],
        "barred": [{"trouble": "upgrade", "theirs": "true"}],
    }
    derived = {
        name: toy.answer(name, toy.effect("tea", "rules-out" if name == "dry" else "weakens"), arises=found)
        for name, found in arises.items()
    }
    files["questions/flow.yaml"] = toy.question(90, "self", derived, multiple="true", derived="true")
    files["needs.yaml"]["sluice"] = {**toy.NEED, "what": "Dig.", "when": {"flow": ["cut", UNKNOWN]}}

    return load_book(toy.write(files, tmp_path_factory.mktemp("well")))


def only(book: Book, name: str, **numbers: float) -> Found:
    (found,) = passage(book, (name,), numbers).found
    return found


def test_a_limit_bites_from_its_own_figure_on(well: Book) -> None:
    assert only(well, "slow", silence=59).bites is False
    assert only(well, "slow", silence=60).bites is True
    assert only(well, "slow").bites is None
    assert only(well, "dam").bites is True


def test_what_a_setting_cures(well: Book) -> None:
    assert only(well, "short", length=500).cured
    assert not only(well, "short", length=5000).cured, "the highest setting is 1000 s"
    assert not only(well, "strict", length=500).cured
    assert only(well, "sieve").cured
    assert not only(well, "wall").cured, "it could be set, but not by us"
    assert only(well, "quick", silence=60).cured, "a heartbeat cures silence wherever it is"


def test_the_order_is_that_of_the_path(well: Book) -> None:
    assert [f.tier for f in passage(well, ("slow", "dam", "quick"), {}).found] == ["quick", "slow", "dam"]


@pytest.mark.parametrize(
    ("path", "silence", "heartbeat", "by"),
    [
        (("slow",), 60, 15, None),  # half of 60 is more than the usual 15
        (("slow", "quick"), 60, 10, "quick"),
        (("quick",), 10, None, None),  # the user's silence is shorter than the limit
        (("quick",), None, 10, "quick"),
        (("dam",), 60, 15, None),
        ((), 60, 15, None),
        ((UNKNOWN,), None, 15, None),
        (("none",), 10, None, None),
    ],
)
def test_heartbeat(well: Book, path: tuple[str, ...], silence: float | None, heartbeat: float, by: str | None) -> None:
    found = passage(well, path, {} if silence is None else {"silence": silence})
    assert found.heartbeat == heartbeat
    assert (found.limiting.tier if found.limiting else None) == by
    assert found.known is (bool(path) and UNKNOWN not in path)


def test_the_earliest_cut_of_each_transport(well: Book) -> None:
    found = passage(well, ("slow", "quick", "strict"), {"silence": 60, "length": 99})
    cut = found.earliest("coffee", Trouble.SILENCE)
    assert cut is not None
    assert cut.tier == "quick"
    assert found.earliest("tea", Trouble.LENGTH) is None, "the longest answer is shorter than the limit"
    long = passage(well, ("strict",), {"length": 100})
    assert long.earliest("tea", Trouble.LENGTH) is not None
    assert long.earliest("coffee", Trouble.LENGTH) is None


def test_derived_answers(well: Book) -> None:
    assert flags(well, ("dam", "wall"), {}) == ("dry", "barred")
    assert flags(well, ("sieve", "slow"), {"silence": 60}) == ()
    assert flags(well, ("strict",), {"length": 100}) == ("cut",)
    assert flags(well, ("strict",), {"length": 99}) == ()
    assert flags(well, ("strict",), {}) == (), "a limit that nobody's figure meets proves nothing"
    assert flags(well, ("short",), {"length": 5000}) == ("cut",)


def test_derived_answers_reach_the_choice_and_the_needs(well: Book) -> None:
    plain = {"time": ("evening",), "way": ("strict",), "span": ("brief",)}
    assert decide(well, plain).margin == 3
    longer = decide(well, {**plain, "span": ("endless",)})
    assert (longer.choice, longer.margin) == ("tea", 2)
    assert "sluice" in longer.needs
    assert decide(well, {**plain, "way": ("dam",)}).choice == "coffee"
    assert "sluice" in decide(well, {**plain, "way": (UNKNOWN,)}).needs
    assert "sluice" not in decide(well, {**plain, "way": ("none",)}).needs
    assert "flow" not in decide(well, plain).missing, "nobody is asked what follows"


def test_unknown_things_in_the_path_are_left_aside(well: Book) -> None:
    assert passage(well, ("moat",), {}).found == ()


def test_a_book_without_places_has_no_path(teahouse: Book) -> None:
    assert passage(teahouse, ("quick",), {}).known is False
    assert flags(teahouse, ("quick",), {}) == ()
