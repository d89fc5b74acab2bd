"""Words on screen: every key that the code asks for exists, and every word is asked for. Found by reading the code."""

from __future__ import annotations

import ast
import functools
import re
import string
from pathlib import Path

from guide import book as books
from tests.every import every

OURS = books.book()
ROOT = Path(__file__).parents[2]
SCRIPTS = [ROOT / "ui.py", *(ROOT / "guide").rglob("*.py"), *(ROOT / "demos").rglob("*.py")]
BROWSER = [path for suffix in ("*.js", "*.html") for part in ("guide", "demos") for path in (ROOT / part).rglob(suffix)]
KEY = re.compile(r"[a-z]+\.[a-z0-9_.-]+")


def literals() -> set[str]:
    """Whole strings in the code."""
    found = {
        node.value
        for tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    for path in BROWSER:
        found |= set(re.findall(r"[\"'`]([a-z]+\.[a-z0-9_.-]+)[\"'`]", path.read_text(encoding="utf-8")))
    return found


def beginnings() -> set[str]:
    """What comes before the part that is only known later: f"force.{x}", "force." + x, `lab.state.${x}`."""
    found = set()
    for tree in trees():
        for node in ast.walk(tree):
            first = (
                node.values[0]
                if isinstance(node, ast.JoinedStr)
                else node.left
                if isinstance(node, ast.BinOp)
                else None
            )
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                found.add(first.value)
    for path in BROWSER:
        found |= set(re.findall(r"[\"'`]([a-z]+\.[a-z0-9_.-]*)\$\{", path.read_text(encoding="utf-8")))
    return {text for text in found if re.fullmatch(r"[a-z]+\.([a-z0-9_]+[._])*[a-z0-9_]*", text)}


@functools.cache
def trees() -> tuple[ast.Module, ...]:
    return tuple(ast.parse(path.read_text(encoding="utf-8")) for path in SCRIPTS)


def asked_for() -> set[str]:
    """Keys handed to `word(...)` or `words[...]` as they stand."""
    found = set()
    for tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "word":
                found |= strings_of(node.args[0])
            if (
                isinstance(node, ast.Subscript)
                and getattr(node.value, "id", getattr(node.value, "attr", "")) == "words"
            ):
                found |= strings_of(node.slice)
    for path in BROWSER:
        text = path.read_text(encoding="utf-8")
        found |= set(re.findall(r"words\[\"([^\"]+)\"\]", text)) | set(
            re.findall(r"data-(?:word|label)=\"([^\"]+)\"", text)
        )
    return found


def strings_of(node: ast.expr) -> set[str]:
    """Both sides of `a if x else b`; nothing for what is put together at run time."""
    if isinstance(node, ast.IfExp):
        return strings_of(node.body) | strings_of(node.orelse)
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


@every("key", lambda: sorted(asked_for()))
def test_every_word_that_is_asked_for_exists(key: str) -> None:
    assert key in OURS.words


def test_every_word_is_asked_for() -> None:
    whole, begun = literals(), beginnings()
    # `.hosted` says the same thing where a language model writes, instead of the script; `.apart` between two machines.
    asked = {key: key if key in whole else key.removesuffix(".hosted").removesuffix(".apart") for key in OURS.words}
    idle = {key for key, name in asked.items() if name not in whole and not name.startswith(tuple(begun))}
    assert not idle, f"nothing on screen uses {sorted(idle)}"


@every("start", lambda: sorted(beginnings()))
def test_every_family_of_words_has_members(start: str) -> None:
    family = start.split(".")[0]
    if family in {key.split(".")[0] for key in OURS.words}:
        assert any(key.startswith(start) for key in OURS.words), start


@every("key", OURS.words)
def test_a_word_can_be_filled_in(key: str) -> None:
    assert KEY.fullmatch(key)
    assert OURS.words[key].strip() == OURS.words[key] != ""
    assert all(name is None or name.isidentifier() for _, name, _, _ in string.Formatter().parse(OURS.words[key]))
