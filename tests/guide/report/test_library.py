"""The shelf: where a fact is used, what finds it, how old it is. Mostly on a toy garden."""

from __future__ import annotations

import datetime

import pytest

from guide.book import Book, load_book
from guide.book.checks import citations
from guide.report.library import Use, chosen, folklore, shelf, stale, topics
from tests.guide import toy

DAY = datetime.date(2026, 1, 2)
"""On which the toy's facts were checked."""


@pytest.fixture(scope="module")
def garden(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """The toy with a second fact, folklore, a clash, code, and something in the path."""
    files = toy.folder()
    root = {
        **toy.FACT,
        "claim": "A root of the Café is brown.",
        "figure": "12 cm",
        "basis": "measured",
        "measured": "three roots, a ruler",
        "checked": "2025-12-31",
        "see": "dig",
        "source": [{"title": "A book of roots", "url": "https://roots.example/brown"}],
    }
    files["facts/below.yaml"] = {"root": root}
    files["folklore.yaml"] = {
        "warm": {
            "said": "Roots like <b>warm</b> feet.",
            "heard": "over fences",
            "verdict": "half-true",
            "truth": "Some do.",
            "facts": ["root", "leaf"],
            "try_it": "Dig.",
        }
    }
    files["clashes.yaml"] = {
        "early": {"sentence": "Nobody is that early.", "when": [{"time": ["morning"]}], "facts": ["root"]}
    }
    source = {"file": "starter/pour.py", "facts": ["leaf"]}
    files["starter.yaml"] = {
        "axes": {"cup": [{"value": "big"}]},
        "files": {"app/pour.py": {"what": "It pours.", "sources": [source]}},
    }
    for pattern in files["patterns.yaml"].values():
        pattern |= {"program": "big"} if pattern["option"] != "level" else {}
    limit = {"trouble": "holds", "fixable": "true", "setting": "Rinse.", "sentence": "It clogs.", "facts": ["root"]}
    files["questions/way.yaml"] = toy.question(
        6, "self", {"none": toy.answer("no sieve"), "any": toy.answer("any", toy.effect("tea", "favours"))}
    )
    files["questions/way.yaml"] |= {"multiple": "true", "places": {"spout": {"title": "The spout", "hint": "it pours"}}}
    sieve = toy.answer("a sieve", place="spout", aliases=["Colander"], limits=[limit, limit])
    files["path/sieves.yaml"] = {"sieve": sieve}
    to = toy.write(files, tmp_path_factory.mktemp("garden"))
    (to / "starter").mkdir()
    (to / "starter" / "pour.py").write_text("pass\n", encoding="utf-8")
    return load_book(to)


def ids(found: object) -> list[str]:
    assert isinstance(found, list | tuple)
    return [entry.id for entry in found]


def test_every_fact_is_on_the_shelf_under_its_file(garden: Book) -> None:
    entries = {entry.id: entry for entry in shelf(garden)}
    assert set(entries) == set(garden.facts)
    assert (entries["root"].file, entries["root"].topic) == ("facts/below.yaml", "below")
    assert topics(shelf(garden)) == {"below": 1, "plants": 1}


def test_uses_are_named_as_a_reader_knows_them(garden: Book) -> None:
    root, leaf = shelf(garden)
    assert set(root.uses) == {
        Use("limit", "a sieve", "The spout"),
        Use("clash", "Nobody is that early."),
        Use("folklore", "Roots like <b>warm</b> feet."),
    }
    assert Use("effect", "Question 1", "morning", "strongly-favours", "Coffee") in leaf.uses
    assert {
        Use("outside", "Water"),
        Use("pattern", "tea in a cup"),
        Use("need", "A kettle"),
        Use("row", "Heat"),
        Use("starter", "app/pour.py"),
    } < set(leaf.uses)


def test_two_limits_of_one_answer_are_one_place(garden: Book) -> None:
    assert [use.kind for use in shelf(garden)[0].uses].count("limit") == 1


def test_every_citation_of_ours_has_a_name(ours: Book) -> None:
    used = {entry.id: len(entry.uses) for entry in shelf(ours)}
    cited = {fact for _, _, facts in citations(ours) for fact in facts}
    assert {fact for fact, n in used.items() if n} == cited
    assert all(use.name for entry in shelf(ours) for use in entry.uses)


def test_filters_join(garden: Book) -> None:
    entries = shelf(garden)
    assert ids(chosen(entries, basis="measured")) == ["root"]
    assert ids(chosen(entries, topic="plants")) == ["leaf"]
    assert ids(chosen(entries, basis="measured", topic="plants")) == []
    assert ids(chosen(entries, only={"leaf"})) == ["leaf"]
    assert ids(chosen(entries, only=set())) == []
    assert ids(chosen(entries, only=None)) == ["root", "leaf"]


def test_folklore_with_its_facts(garden: Book) -> None:
    (told,) = folklore(garden)
    assert [key for key, _ in told.facts] == ["root", "leaf"]
    assert told.facts[0][1] is garden.facts["root"]


def test_a_book_without_folklore_has_none(teahouse: Book) -> None:
    assert folklore(teahouse) == ()


@pytest.mark.parametrize(
    ("today", "days", "found"),
    [
        (DAY, 0, ["root"]),
        (DAY, 1, ["root"]),
        (DAY, 2, []),
        (DAY + datetime.timedelta(1), 0, ["root", "leaf"]),
        (DAY + datetime.timedelta(1), 1, ["root"]),
        (DAY - datetime.timedelta(9), 0, []),
        (datetime.date(9999, 1, 1), 999_999_999, []),
    ],
)
def test_stale_is_older_than_so_many_days_the_oldest_first(
    garden: Book, today: datetime.date, days: int, found: list[str]
) -> None:
    assert ids(stale(garden, today, days)) == found


def test_stale_says_what_it_would_cost(garden: Book) -> None:
    (root,) = stale(garden, DAY, 0)
    assert (root.age, root.file, root.uses) == (2, "facts/below.yaml", 3)
