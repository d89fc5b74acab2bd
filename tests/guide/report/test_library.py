"""The shelf: where a fact is used, what finds it, how old it is. Mostly on a toy garden."""

from __future__ import annotations

import dataclasses
import datetime
from pathlib import Path

import pytest

from guide.book import Book, load_book
from guide.book.checks import citations
from guide.report.library import Tier, Use, fold, folklore, search, search_folklore, shelf, stale, tiers, topics
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


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", ["root", "leaf"]),
        ("  ", ["root", "leaf"]),
        ("root", ["root"]),
        ("BROWN cafe", ["root"]),
        ("café", ["root"]),
        ("ruler", ["root"]),
        ("sieve", []),
        ("colander", ["root"]),
        ("colander leaf", []),
        ("leaves.example", ["leaf"]),
        ("book of", ["root", "leaf"]),
        ("leaf", ["leaf"]),
        ("a green root", []),
        (".*", []),
        ("zzz", []),
    ],
)
def test_all_words_must_be_found_case_and_accents_folded(garden: Book, words: str, found: list[str]) -> None:
    assert ids(search(shelf(garden), words)) == found


def test_what_stands_in_the_path_is_found_by_its_names(garden: Book) -> None:
    sieve = Tier("sieve", "a sieve", "The spout", "")
    assert tiers(garden, "SIEVE") == tiers(garden, "colander") == tiers(garden, "sieve col") == (sieve,)
    assert tiers(garden, "") == tiers(garden, "  ") == tiers(garden, "root") == tiers(garden, "spout") == ()


def test_what_has_no_limit_of_its_own_is_found_too(ours: Book) -> None:
    [eks] = tiers(ours, "eks")
    assert (eks.name, eks.hint[:24]) == ("Amazon EKS", "It sets no limit itself.")
    assert "aws-alb-idle-timeout" in ids(search(shelf(ours), "elbv2"))


def test_what_shows_its_match_comes_first(garden: Book) -> None:
    root, leaf = shelf(garden)
    assert (root.id, leaf.id) == ("root", "leaf")
    hidden = dataclasses.replace(root, text=f"{root.text} green")
    assert ids(search([hidden, leaf], "green")) == ["leaf", "root"]


def test_filters_join(garden: Book) -> None:
    entries = shelf(garden)
    assert ids(search(entries, basis="measured")) == ["root"]
    assert ids(search(entries, topic="plants")) == ["leaf"]
    assert ids(search(entries, basis="measured", topic="plants")) == []
    assert ids(search(entries, only={"leaf"})) == ["leaf"]
    assert ids(search(entries, only=set())) == []
    assert ids(search(entries, only=None)) == ["root", "leaf"]


def test_folding() -> None:
    assert fold("Straße ÉTÉ ﬁn") == "strasse ete fin"


def test_folklore_with_its_facts(garden: Book) -> None:
    (told,) = folklore(garden)
    assert [key for key, _ in told.facts] == ["root", "leaf"]
    assert told.facts[0][1] is garden.facts["root"]
    assert ids(search_folklore([told], "WARM fences")) == ["warm"]
    assert search_folklore([told], "cold") == []


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


def test_a_hundred_and_sixty_facts_are_searched_in_no_time(tmp_path: Path) -> None:
    files = toy.folder()
    files["facts/plants.yaml"] |= {f"f{n}": {**toy.FACT, "claim": f"Leaf {n}. " * 10} for n in range(160)}
    files["needs.yaml"]["kettle"]["facts"] = [f"f{n}" for n in range(160)]
    entries = shelf(load_book(toy.write(files, tmp_path)))
    assert ids(search(entries, "leaf 159.")) == ["f159"]
