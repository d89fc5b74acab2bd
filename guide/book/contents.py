"""Data types for the loaded knowledge folder: the `Book`, a `Problem` in it, and a strict YAML reader.

YAML is read with every scalar a string and repeated keys refused: answers called `yes`, `no` or `on` would otherwise
turn into booleans, and the second of two equal keys would win in silence. The typed words of `guide.model` convert.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from guide import model


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake: where it is, what was found, what is allowed."""

    file: str
    path: str
    found: str
    allowed: str

    def __str__(self) -> str:
        place = f"{self.file}: {self.path}" if self.path else self.file
        return f"{place}: {self.found}. Allowed: {self.allowed}"


@dataclass(frozen=True, eq=False)
class Book:
    """All that the guide knows, checked and cross-checked. Compared by identity, so a Plan can be
    cached on it."""

    version: str
    chapters: Mapping[str, str]
    after: tuple[str, ...]
    """Chapters that are asked after the recommendation."""
    questions: Mapping[str, model.Question]
    facts: Mapping[str, model.Fact]
    options: Mapping[str, model.Option]
    outside: Mapping[str, model.Outside]
    patterns: Mapping[str, model.Pattern]
    needs: Mapping[str, model.Need]
    rows: Mapping[str, model.Row]
    cases: Mapping[str, model.Case]
    clashes: Mapping[str, model.Clash]
    exclusions: Mapping[str, model.Exclusion]
    folklore: Mapping[str, model.Folklore]
    symptoms: Mapping[str, model.Symptom]
    traces: Mapping[str, model.Trace]
    """What in a repository shows an answer."""
    starter: model.Starter
    """The manifest of the starter project; without files where the book has none."""
    sources: Mapping[str, str]
    """The text of each file that the manifest names, by its place in the knowledge folder."""
    laws: Mapping[str, model.Law]
    signs: Mapping[str, model.Sign]
    """By what the probe recognises something in the path."""
    outcomes: Mapping[str, model.Outcome]
    """What the probe found -> answers."""
    probe_causes: Mapping[str, model.ProbeCause]
    """Which kinds of thing can do what the probe saw."""
    proxies: Mapping[str, model.ProxyExpectation]
    configs: Mapping[str, Mapping[str, str]]
    """For each proxy its files by name, as they stand."""
    renamed: Mapping[str, str]
    """`question.answer` of older rules -> the one that stands for it today."""
    words: Mapping[str, str]
    hash: str
    """Of everything that bears on a decision (not of the words on screen): two equal hashes decide alike."""
    files: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Where each entry stands: `facts/sse-retry-field` -> `facts/event-stream.yaml`."""


class BookError(ValueError):
    """The knowledge folder has mistakes; `problems` holds them all."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


class _Manners(yaml.constructor.BaseConstructor):
    """A key that is given twice is a mistake."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key must be text", key.start_mark)
            if key.value in seen:
                twice = f"the key {key.value!r} is given twice"
                raise yaml.constructor.ConstructorError(None, None, twice, key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


class _Loader(_Manners, yaml.BaseLoader):
    """Every scalar a string."""


class _FastLoader(_Manners, getattr(yaml, "CBaseLoader", yaml.BaseLoader)):  # type: ignore[misc] # found at run time
    """The same by libyaml, where PyYAML was built with it: ten times faster."""


FAST_DEPTH = 5000
"""Nesting that libyaml's binding surely survives; with 100,000 levels it ends the process."""


def read_yaml(text: str) -> Any:
    """Parse YAML (or JSON, which is YAML) with the manners above.

    Raises:
        yaml.YAMLError: the text is not YAML, a key is given twice, or it is nested too deeply.
    """
    if _most_depth(text) < FAST_DEPTH:
        try:
            return yaml.load(text, Loader=_FastLoader)
        except (yaml.YAMLError, RecursionError):
            pass  # the other loader says where the mistake is, in the words that people know
    try:
        return yaml.load(text, Loader=_Loader)
    except RecursionError:
        raise yaml.YAMLError("nested too deeply") from None


def _most_depth(text: str) -> int:
    """A bound: a level takes an opening bracket, or at least one character of indentation in its line."""
    return text.count("[") + text.count("{") + max(map(len, text.splitlines()), default=0)
