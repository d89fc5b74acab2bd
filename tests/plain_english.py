"""Measures how plain our sentences are: `python -m tests.plain_english` prints it, with the longest sentences.

Looks at all that is shown or exported: the texts of the knowledge folder, and the sentences in the code. The titles of
sources, what others say and code are quotations, not ours.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyphen  # type: ignore[import-untyped] # it has no types, and two calls need none

from guide.book import KNOWLEDGE, read_yaml

ROOT = Path(__file__).parents[1]
WORDS_TO_AVOID = Path(__file__).with_name("style_words.txt")
MOST_WORDS = 28
"""Of a sentence. A list after a colon is a part of it."""
NOT_OURS = {"source", "url", "aliases", "setting", "says", "header", "files", "requires"}
"""Entries of the knowledge that quote somebody, or hold code."""
QUOTED_FILES = {"published.yaml", "scoring.yaml", "renamed.yaml"}
NOT_SHOWN = {"demos/agent/facts.py"}
"""Code that holds lists of words."""
PROTOCOL = ".measured"
"""How a fact was measured: versions and figures in a row, for those who repeat it. It may be long."""
FEWEST_IN_CODE = 5
"""A string in the code with fewer words is a name or a label, not a sentence."""
_CODE = re.compile(r"`[^`]*`")
_FILLED = re.compile(r"\{[^{}]*\}")
_ADDRESS = re.compile(r"https?://\S+")
_END = re.compile(r"(?<=[.!?])[\"')*]*\s+|\n\s*\n")
_WORD = re.compile(r"[A-Za-z][A-Za-z'’]*")
_SYLLABLES = pyphen.Pyphen(lang="en_US")


@dataclass(frozen=True)
class Text:
    """One text of ours."""

    file: str
    place: str
    text: str

    @property
    def plain(self) -> str:
        """Without code and addresses; what is filled in is one word."""
        bare = _ADDRESS.sub("address", _CODE.sub("code", self.text))
        return _FILLED.sub("this", bare).replace("**", "").replace("*", "")

    @property
    def sentences(self) -> list[str]:
        return [one.strip() for one in _END.split(self.plain) if one and one.strip()]


@dataclass(frozen=True)
class Measure:
    """How hard texts are to read, by Flesch and Kincaid."""

    words: int
    sentences: int
    syllables: int

    @property
    def ease(self) -> float:
        """Flesch reading ease: 60 to 70 is plain, 30 to 50 difficult."""
        return 206.835 - 1.015 * self.words / self.sentences - 84.6 * self.syllables / self.words

    @property
    def grade(self) -> float:
        """Flesch-Kincaid grade: years of school."""
        return 0.39 * self.words / self.sentences + 11.8 * self.syllables / self.words - 15.59


@functools.cache
def texts() -> tuple[Text, ...]:
    """Every text of ours, of the knowledge and of the code."""
    return (*_of_knowledge(), *_of_code())


def measure(some: Iterable[Text]) -> Measure:
    """Only sentences count: a label has no end."""
    found = [words_of(one) for text in some for one in text.sentences if one.endswith((".", "?", "!"))]
    words = [word for sentence in found for word in sentence]
    return Measure(len(words), len(found), sum(map(syllables, words)))


def words_of(sentence: str) -> list[str]:
    """The words of a sentence; numbers and signs are none."""
    return _WORD.findall(sentence)


@functools.cache
def syllables(word: str) -> int:
    """About as many as are spoken: where the word may be divided, and one."""
    return len(_SYLLABLES.positions(word.lower())) + 1


def to_avoid() -> dict[str, str]:
    """A word or a phrase that we do not use -> what we say."""
    lines = WORDS_TO_AVOID.read_text(encoding="utf-8").splitlines()
    pairs = (line.split("->") for line in lines if line.strip() and not line.startswith("#"))
    return {avoid.strip(): instead.strip() for avoid, instead in pairs}


def avoided_in(text: Text) -> list[str]:
    """Words in this text that we do not use."""
    return [phrase for phrase, pattern in _patterns().items() if pattern.search(text.plain)]


def too_long_in(text: Text) -> list[str]:
    """Sentences with more words than a reader keeps in mind."""
    if text.place.endswith(PROTOCOL):
        return []
    return [one for one in text.sentences if len(words_of(one)) > MOST_WORDS]


@functools.cache
def _patterns() -> dict[str, re.Pattern[str]]:
    def bound(phrase: str) -> str:
        start, end = (r"\b" if phrase[at].isalnum() else "" for at in (0, -1))
        return start + re.escape(phrase).replace(r"\ ", r"\s+") + end

    return {phrase: re.compile(bound(phrase), re.IGNORECASE) for phrase in to_avoid()}


def _of_knowledge() -> Iterator[Text]:
    for path in sorted(KNOWLEDGE.rglob("*.yaml")):
        name = path.relative_to(KNOWLEDGE).as_posix()
        if name not in QUOTED_FILES and not name.startswith("proxies/"):
            for place, text in _strings(read_yaml(path.read_text(encoding="utf-8")), ()):
                if not (name == "folklore.yaml" and place.endswith((".said", ".heard"))):
                    yield Text(name, place, text)


def _strings(found: Any, place: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(found, dict):
        for key, value in found.items():
            if key not in NOT_OURS:
                yield from _strings(value, (*place, str(key)))
    elif isinstance(found, list):
        for n, value in enumerate(found):
            yield from _strings(value, (*place, str(n)))
    elif isinstance(found, str) and " " in found.strip():
        yield ".".join(place), found


def _of_code() -> Iterator[Text]:
    for folder in ("guide", "demos"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if path.relative_to(ROOT).as_posix() not in NOT_SHOWN:
                yield from _of_file(path)


def _of_file(path: Path) -> Iterator[Text]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    silent = {id(part) for node in ast.walk(tree) if isinstance(node, ast.Expr) for part in ast.walk(node.value)
              if isinstance(node.value, ast.Constant)}  # fmt: skip
    within = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if id(node) in silent | within or not isinstance(node, ast.Constant | ast.JoinedStr):
            continue
        text = _said(node)
        if text is not None and len(words_of(text)) >= FEWEST_IN_CODE and not re.search(r"[<>{};=\\]|\n", text):
            yield Text(path.relative_to(ROOT).as_posix(), str(node.lineno), text)


def _said(node: ast.Constant | ast.JoinedStr) -> str | None:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "this" for part in node.values)


def main() -> None:
    """Print the measure of everything and of each file, and what breaks the rules."""
    everything = texts()
    for name in sorted({one.file for one in everything if not one.file.endswith(".py")}):
        _print(name, [one for one in everything if one.file == name])
    _print("words on screen", [one for one in everything if not one.file.endswith(".py")])
    _print("everything", everything)
    for one in everything:
        for sentence in too_long_in(one):
            print(f"{one.file}: {one.place}: {len(words_of(sentence))} words: {sentence}")
        for phrase in avoided_in(one):
            print(f"{one.file}: {one.place}: '{phrase}': {to_avoid()[phrase]}: {one.text[:160]}")


def _print(name: str, some: Iterable[Text]) -> None:
    found = measure(some)
    if found_any := found.sentences:
        print(
            f"{name:40} ease {found.ease:5.1f}  grade {found.grade:4.1f}  {found_any:5} sentences {found.words:6} words"
        )


if __name__ == "__main__":
    main()
