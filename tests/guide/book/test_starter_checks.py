"""The manifest of the starter project is checked with the rest: a mistake is named, with its place."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from guide.book import Book, Problem, load_book
from guide.book.starter_checks import misplaced
from guide.model import Starter
from tests.guide import toy
from tests.guide.book.problems import matches, problems_of

SOURCE = {"file": "starter/pot.txt"}
MANIFEST: dict[str, Any] = {
    "axes": {
        "cup": [{"value": "big"}, {"value": "small"}],
        "sweet": [{"value": "yes", "when": {"taste": ["sweet"]}, "only": {"cup": ["big"]}}, {"value": "no"}],
    },
    "files": {
        "pot.txt": {"what": "The pot.", "sources": [{**SOURCE, "when": {"cup": ["big"]}, "facts": ["leaf"]}]},
        "note.txt": {"what": "A note."},
    },
    "packages": {"spoon": {"when": {"sweet": ["yes"]}}},
    "built": {"kettle": {"cup": ["big"]}},
}


def folder(tmp_path: Path, **changed: Any) -> Path:
    """The toy book with a project, some parts of its manifest replaced."""
    files = toy.folder()
    files["starter.yaml"] = {**MANIFEST, **changed}
    for pattern in files["patterns.yaml"].values():
        if pattern["option"] != "level":
            pattern["program"] = "big"
    files["patterns.yaml"].update(changed.pop("patterns", {}))
    files["starter.yaml"].pop("patterns", None)
    to = toy.write(files, tmp_path)
    (to / "starter").mkdir()
    (to / "starter" / "pot.txt").write_text("a pöt\n", encoding="utf-8")
    return to


def test_ours_has_a_project_without_a_mistake(ours: Book) -> None:
    assert ours.starter.files
    assert [*misplaced(ours)] == []


def test_a_book_needs_no_project(teahouse: Book) -> None:
    assert teahouse.starter == Starter()
    assert teahouse.sources == {}


def test_sources_are_kept_as_they_stand(tmp_path: Path) -> None:
    book = load_book(folder(tmp_path))
    assert book.sources == {"starter/pot.txt": "a pöt\n"}
    assert list(book.starter.files) == ["pot.txt", "note.txt"]


def test_the_manifest_bears_on_no_decision(tmp_path: Path) -> None:
    one = load_book(folder(tmp_path / "one"))
    assert one.hash == load_book(folder(tmp_path / "two", packages={})).hash


def axis(*values: dict[str, Any]) -> dict[str, Any]:
    return {"axes": {"cup": [{"value": "big"}, {"value": "small"}], "sweet": list(values)}}


def sources(*given: dict[str, Any]) -> dict[str, Any]:
    return {"files": {"pot.txt": {"what": "The pot.", "sources": [{**SOURCE, **one} for one in given]}}}


def lack(**more: Any) -> dict[str, Any]:
    return {"lacks": {"lid": {"title": "A lid", "what": "There is none.", **more}}}


BIG, SMALL = {"when": {"cup": ["big"]}}, {"when": {"cup": ["small"]}}


@pytest.mark.parametrize(
    ("changed", "place", "found", "allowed"),
    [
        (axis({"value": "yes", "when": {"taste": ["sweet"]}}), "axes.sweet", "no value that always holds", "a last"),
        (axis(), "axes.sweet", "no value that always holds", "a last value without a condition"),
        (axis({"value": "yes", "when": {"smell": ["good"]}}, {"value": "no"}),
         "axes.sweet.0.when", "no question is called 'smell'", "taste"),
        (axis({"value": "yes", "unless": {"taste": ["sour"]}}, {"value": "no"}),
         "axes.sweet.0.unless.taste", "'sour'", "sweet"),
        (axis({"value": "yes", "only": {"sweet": ["no"]}}, {"value": "no"}),
         "axes.sweet.0.only", "'sweet'", "an earlier axis: cup"),
        ({"axes": {"cup": [{"value": "big", "when": {"taste": ["sweet"]}}], "sweet": [{"value": "yes"}]}},
         "axes.cup", "a condition", "patterns name them"),
        (sources({"when": {"lid": ["on"]}}), "files.pot.txt.sources.0.when", "no axis is called 'lid'", "cup, sweet"),
        (sources({"when": {"cup": ["huge"]}}), "files.pot.txt.sources.0.when.cup", "'huge'", "big, small"),
        (sources(BIG, {}), "files.pot.txt.sources.1", "may hold together with sources.0", "one source at a time"),
        (sources(BIG, {**SMALL, "facts": ["root"]}), "files.pot.txt.sources.1.facts", "'root'", "facts/"),
        ({"packages": {"spoon": {"when": {"cup": ["huge"]}}}}, "packages.spoon.when.cup", "'huge'", "big, small"),
        ({"built": {"stove": {}}}, "built.stove", "no such need", "needs.yaml"),
        ({"built": {"kettle": {"cup": ["huge"]}}}, "built.kettle.cup", "'huge'", "big, small"),
        (lack(), "lacks.lid", "no condition", "`patterns` or `when`"),
        (lack(patterns=["tea-cold"]), "lacks.lid.patterns", "'tea-cold'", "patterns.yaml"),
        (lack(when={"taste": ["sour"]}), "lacks.lid.when.taste", "'sour'", "sweet"),
        (lack(when={"taste": ["sweet"]}, only={"cup": ["huge"]}), "lacks.lid.only.cup", "'huge'", "big, small"),
    ],
)  # fmt: skip
def test_a_mistake_is_named(tmp_path: Path, changed: dict[str, Any], place: str, found: str, allowed: str) -> None:
    named = problems_of(folder(tmp_path, **changed))
    assert any(matches(one, Problem("starter.yaml", place, found, allowed)) for one in named), named


def test_sources_that_exclude_each_other_may_stand_together(tmp_path: Path) -> None:
    second = load_book(folder(tmp_path, **sources(BIG, SMALL))).starter.files["pot.txt"].sources[1]
    assert dict(second.when) == {"cup": ("small",)}


@pytest.mark.parametrize("bad", ["/etc/passwd", "../up.txt", "a//b.txt", "-x", ""])
def test_a_file_stays_in_the_project(tmp_path: Path, bad: str) -> None:
    named = problems_of(folder(tmp_path, files={bad: {"what": "Away."}}))
    assert named[0].file == "starter.yaml"
    assert named[0].path.startswith("files.")


def test_a_source_that_is_not_there_and_one_that_nothing_names(tmp_path: Path) -> None:
    to = folder(tmp_path)
    (to / "starter" / "spill.txt").touch()
    (to / "starter" / "pot.txt").unlink()
    assert [*map(str, problems_of(to))] == [
        "starter.yaml: files.pot.txt.sources.0.file: starter/pot.txt: No such file or directory. Allowed: a text file",
        "starter/spill.txt: nothing names it. Allowed: a source of a file in starter.yaml",
    ]


def test_every_design_of_a_transport_names_its_program(tmp_path: Path) -> None:
    level = {**toy.pattern("level"), "program": "big"}
    named = problems_of(folder(tmp_path, patterns={"tea-plain": toy.pattern("tea"), "level-either": level}))
    assert [(one.path, one.found, one.allowed) for one in named] == [
        ("level-either.program", "'big'", "none: two projects fit"),
        ("tea-plain.program", "None", "big, small"),
    ]


def test_a_manifest_without_files_asks_for_nothing(ours: Book) -> None:
    assert [*misplaced(dataclasses.replace(ours, starter=Starter()))] == []
