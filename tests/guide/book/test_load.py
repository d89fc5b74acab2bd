"""Reading the knowledge folder: YAML without its traps, and every unreadable thing named at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from guide.book import KNOWLEDGE, Book, BookError, load_book, read_yaml
from tests.guide import toy

Spoil = Callable[[Path], object]


def problems(folder: Path) -> dict[str, tuple[str, str]]:
    """'file: path' -> (found, allowed)"""
    with pytest.raises(BookError) as caught:
        load_book(folder)
    return {f"{p.file}: {p.path}": (p.found, p.allowed) for p in caught.value.problems}


def put(name: str, text: str) -> Spoil:
    return lambda folder: (folder / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize("deep", ["[" * 100_000, "{a: " * 100_000, "- " * 100_000, "? " * 100_000])
def test_deep_nesting_is_refused_and_ends_nothing(deep: str) -> None:
    with pytest.raises(yaml.YAMLError):
        read_yaml(deep)


def test_the_fast_reader_reads_every_file_as_the_other_does(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [path.read_text(encoding="utf-8") for kind in ("*.yaml", "*/*.yaml") for path in KNOWLEDGE.glob(kind)]
    fast = [read_yaml(text) for text in texts]
    monkeypatch.setattr("guide.book.contents.FAST_DEPTH", 0)
    assert [read_yaml(text) for text in texts] == fast


@pytest.mark.parametrize("word", ["yes", "no", "on", "off", "y", "null", "~", "1", "2026-11-23", "1_000", "0x1f"])
def test_every_scalar_is_a_string(word: str) -> None:
    assert read_yaml(f"{word}: {word}") == {word: word}
    assert read_yaml(f"[{word}]") == [word]


@pytest.mark.parametrize("text", ["a: 1\nb: 2\na: 3", "x: {a: 1, a: 2}", '{"a": 1, "a": 2}', "- {q: [1], q: [2]}"])
def test_a_repeated_key_is_refused(text: str) -> None:
    with pytest.raises(yaml.YAMLError, match="is given twice"):
        read_yaml(text)


@pytest.mark.parametrize("text", ["? [a, b]\n: c\n", "{[a]: b}"])
def test_a_key_that_is_not_text_is_refused(text: str) -> None:
    with pytest.raises(yaml.YAMLError, match="a key must be text"):
        read_yaml(text)


@pytest.mark.parametrize("text", ["!!python/object/apply:os.system [ls]", "!!set {a}", "!include x.yaml"])
def test_yaml_runs_nothing(text: str) -> None:
    try:
        found = read_yaml(text)
    except yaml.YAMLError:
        return
    assert isinstance(found, str | list | dict)


def test_the_toy_book_reads(teahouse: Book) -> None:
    assert list(teahouse.questions) == ["time", "taste", "sugar", "heart", "mood"]
    assert list(teahouse.questions["sugar"].answers) == ["yes", "no"]
    assert teahouse.files["questions/time"] == "questions/time.yaml"
    assert teahouse.files["facts/leaf"] == "facts/plants.yaml"


def test_order_not_file_name_places_a_question(tmp_path: Path) -> None:
    files = toy.folder()
    files["questions/aaa.yaml"] = toy.question(
        99, "self", {"a": toy.answer("a", toy.effect("tea", "favours")), "b": toy.answer("b")}
    )
    assert list(load_book(toy.write(files, tmp_path)).questions)[-1] == "aaa"


@pytest.mark.parametrize(
    ("spoil", "place", "found", "allowed"),
    [
        (put("needs.yaml", "a: [1"), "needs.yaml: ", "expected ',' or ']'", "a readable YAML file"),
        (put("needs.yaml", "a: 1\na: 2"), "needs.yaml: ", "the key 'a' is given twice", "a readable YAML file"),
        (put("needs.yaml", "- one"), "needs.yaml: ", "found list", "a mapping"),
        (put("needs.yaml", ""), "needs.yaml: ", "found NoneType", "a mapping"),
        (lambda f: (f / "needs.yaml").unlink(), "needs.yaml: ", "No such file", "a readable YAML file"),
        (lambda f: (f / "needs.yaml").write_bytes(b"a: \xff\xfe"), "needs.yaml: ", "decode", "a readable YAML file"),
        (
            put("facts/roots.yaml", "leaf: {claim: again}"),
            "facts/roots.yaml: leaf",
            "the id is taken",
            "facts/plants.yaml",
        ),
        (put("needs.yaml", "kettle: {title: A}"), "needs.yaml: kettle.what", "dict", "Field required"),
        (put("options.yaml", "tea: {colour: green}"), "options.yaml: tea.colour", "'green'", "Extra inputs"),
        (put("questions/odd.yaml", "order: soon"), "questions/odd.yaml: order", "'soon'", "valid integer"),
        (put("questions/odd.yaml", "order: 0"), "questions/odd.yaml: order", "'0'", "greater than or equal to 1"),
        (put("needs.yaml", "kettle: just words"), "needs.yaml: kettle", "'just words'", "valid dictionary"),
        (put("guide.yaml", "chapters: [day]"), "guide.yaml: chapters", "list", "valid dictionary"),
        (put("guide.yaml", "chapters: {day: Day}"), "guide.yaml: version", "dict", "Field required"),
        (put("words/en/screen.yaml", "ask.back: [1]"), "words/en/screen.yaml: ask.back", "found list", "a text"),
        (put("words/en/zoo.yaml", "verdict.and: and"), "words/en/zoo.yaml: verdict.and", "the id is taken", "not used"),
        (put("words/en/screen.yaml", "[]"), "words/en/screen.yaml: ", "found list", "a mapping"),
    ],
)
def test_an_unreadable_entry_is_named(tmp_path: Path, spoil: Spoil, place: str, found: str, allowed: str) -> None:
    folder = toy.write(toy.folder(), tmp_path)
    spoil(folder)
    got = problems(folder)
    assert place in got
    assert found in got[place][0]
    assert allowed in got[place][1]


def test_all_of_them_at_once(tmp_path: Path) -> None:
    folder = toy.write(toy.folder(), tmp_path)
    put("needs.yaml", "a: [1")(folder)
    put("options.yaml", "tea: {colour: green}")(folder)
    put("questions/time.yaml", "order: soon\nchapter: Day!")(folder)
    files = {place.split(":")[0] for place in problems(folder)}
    assert files == {"needs.yaml", "options.yaml", "questions/time.yaml"}
    assert {"questions/time.yaml: order", "questions/time.yaml: chapter", "questions/time.yaml: ask"} <= set(
        problems(folder)
    )


def test_an_empty_folder_is_a_list_of_what_is_missing(tmp_path: Path) -> None:
    assert {"guide.yaml: ", "options.yaml: ", "needs.yaml: ", "cases.yaml: "} <= set(problems(tmp_path))


def test_the_hash_is_of_what_bears_on_a_decision(tmp_path: Path) -> None:
    first = load_book(toy.write(toy.folder(), tmp_path / "a")).hash
    assert load_book(toy.write(toy.folder(), tmp_path / "b")).hash == first
    words, rules = toy.folder(), toy.folder()
    words["words/en/screen.yaml"]["verdict.level"] = "Even"
    rules["questions/time.yaml"]["answers"]["noon"]["effects"] = [toy.effect("tea", "favours")]
    assert load_book(toy.write(words, tmp_path / "c")).hash == first
    assert load_book(toy.write(rules, tmp_path / "d")).hash != first


OF_OTHERS = ("words/", "scoring.yaml", "published.yaml", "probe/target_")
"""Words on screen, what `guide.decision.score` reads, and what the demos read and print."""


def test_every_file_of_ours_is_read(ours: Book) -> None:
    read = {*ours.files.values(), "guide.yaml"}
    read |= {"renamed.yaml"} if ours.renamed else set()
    read |= set(ours.sources)
    read |= {f"proxies/{id}/{name}" for id, files in ours.configs.items() for name in files}
    there = {
        str(path.relative_to(KNOWLEDGE))
        for path in KNOWLEDGE.rglob("*")
        if path.is_file() and path.suffix not in (".md", ".pyc", ".in")
    }
    assert {name for name in there if not name.startswith(OF_OTHERS)} == read
