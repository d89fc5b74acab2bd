"""Scores the rules against published decisions: right, wrong or level, with every miss explained.

    case file --keys--> answers (knowledge/scoring.yaml) --decide--> choice --held against--> what its authors chose

A case is right when the guide's choice is of the family that its authors chose; where they offer both, when it is the
default side. A case that the guide calls level counts half. Nothing in the rules reads this file.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from pydantic import ConfigDict, Field, ValidationError

from guide.book import KNOWLEDGE, Book, read_yaml
from guide.decision.engine import LEVEL, Verdict, decide
from guide.decision.interval import wilson
from guide.decision.what_if import Turn, turning_points
from guide.model import Answers, Id, Text, Word

PUBLISHED = KNOWLEDGE / "published.yaml"
"""The open cases of this project, in the shape that every case file has."""
Result = Literal["right", "level", "wrong"]
RESULTS: tuple[Result, ...] = get_args(Result)


class Scoring(Word):
    """The data file that turns a case's attributes into answers."""

    families: Mapping[Text, Id]
    primary: Mapping[Text, tuple[Id, ...]]
    not_scored: tuple[Text, ...] = ()
    keys: Mapping[Text, Mapping[Text, Mapping[Id, tuple[Id, ...]]]]
    replaces: Mapping[Text, Mapping[Id, tuple[Id, ...]]] = Field(default_factory=dict)
    """Answers of other keys that a key says more exactly."""
    left_out: Mapping[Id, tuple[Id, ...]] = Field(default_factory=dict)
    """What is answered where a case leaves a key out."""
    baselines: Mapping[Text, tuple[Text, ...]]


class Published(Word):
    """A decision as a case file tells it; what the score does not need is left alone."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    id: Text
    system: Text = ""
    year: Text = ""
    choice: Text
    primary: Text = ""
    reason_stated: Text = "yes"
    benchmark_ok: Text = "yes"
    source: Text = ""
    read: datetime.date | None = None
    """When somebody read the source for this file."""
    keys: Mapping[Text, Text] = Field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """One case, and what the guide makes of it."""

    case: Published
    expected: tuple[str, ...]
    """Options that count as right."""
    answers: Answers
    verdict: Verdict
    result: Result
    turns: tuple[Turn, ...] = ()
    """For a miss: smallest changes of its answers that lead to the authors' choice; not all of them."""

    @property
    def why(self) -> str:
        """In ids: what was weighed, and what would have led to the authors' choice."""
        said = [f"{r.question}.{r.answer} {r.effect.force.value} {r.effect.option}" for r in self.verdict.reasons]
        would = ", or ".join(" and ".join(f"{qid}.{aid}" for qid, aid in turn.changes) for turn in self.turns)
        weighed = f"weighed {'; '.join(said) or 'nothing'}."
        return f"{weighed} It would be {self.expected[0]} with {would}." if would else weighed


@dataclass(frozen=True)
class Score:
    outcomes: tuple[Outcome, ...]
    skipped: tuple[tuple[str, str], ...]
    """Cases that are not scored, each with the reason."""
    baselines: Mapping[str, float]
    """Accuracy of simpler rules on the same cases."""

    def count(self, result: str, family: str | None = None) -> int:
        return sum(o.result == result and family in (None, o.expected[0]) for o in self.outcomes)

    @property
    def accuracy(self) -> float:
        """Right plus half of level, of all scored."""
        return (self.count("right") + self.count("level") / 2) / len(self.outcomes) if self.outcomes else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the accuracy: what as few cases as these can tell."""
        return wilson(self.accuracy * len(self.outcomes), len(self.outcomes))

    @property
    def gain(self) -> Mapping[str, float]:
        """By how much the rules are better than each simpler rule, on the same cases."""
        return {name: self.accuracy - value for name, value in self.baselines.items()}

    def among(self, strength: str) -> tuple[int, int]:
        """(right, all) of the cases whose verdict is that sure: `decided` or `leaning`."""
        found = [o for o in self.outcomes if o.verdict.strength == strength]
        return sum(o.result == "right" for o in found), len(found)


def scoring(book: Book, folder: Path = KNOWLEDGE) -> Scoring:
    """The mapping of attributes to answers, checked against the book.

    Raises:
        ValueError: it names a question, an answer, an option or a key that does not exist.
    """
    try:
        found = Scoring.model_validate(read_yaml((folder / "scoring.yaml").read_text(encoding="utf-8")))
    except ValidationError as error:
        raise ValueError(f"scoring.yaml: {error}") from None
    wrong = [o for o in (*found.families.values(), *sum(found.primary.values(), ())) if o not in book.options]
    said = [(key, answers) for key, values in found.keys.items() for answers in values.values()]
    said += [*found.replaces.items(), ("left_out", found.left_out)]
    for key, answers in said:
        for qid, chosen in answers.items():
            known = book.questions[qid].answers if qid in book.questions else {}
            wrong += [f"{key}: {qid}.{aid}" for aid in chosen if aid not in known]
    named = [*found.replaces, *(key for keys in found.baselines.values() for key in keys)]
    wrong += [key for key in named if key not in found.keys]
    if wrong:
        raise ValueError(f"scoring.yaml: found {', '.join(wrong)}. Allowed: options, keys and answers that exist")
    return found


def read_cases(text: str) -> list[Published]:
    """The cases of a file.

    Raises:
        ValueError: every case that cannot be read, a line each; or the file is no list.
    """
    found = read_yaml(text)
    if not isinstance(found, list):
        raise ValueError(f"found {type(found).__name__}. Allowed: a list of cases, each with id, choice and keys")
    cases: list[Published] = []
    problems: list[str] = []
    for n, item in enumerate(found):
        try:
            cases.append(Published.model_validate(item))
        except ValidationError as error:
            first = error.errors()[0]
            name = item.get("id", "") if isinstance(item, dict) else ""
            where = ": ".join(part for part in (name, ".".join(map(str, first["loc"]))) if part)
            problems.append(f"case {n + 1}: {where or 'as a whole'}: {first['msg']}")
    twice = [key for key, times in Counter(case.id for case in cases).items() if times > 1]
    problems += [f"case {key}: the id is taken. Allowed: an unused id" for key in twice]
    if problems:
        raise ValueError("\n".join(problems))
    return cases


def answers_of(case: Published, mapping: Scoring, keys: Iterable[str] | None = None) -> dict[str, tuple[str, ...]]:
    """The answers that a case's attributes stand for; of some keys only, where `keys` says so.

    Raises:
        ValueError: a key or a value that the mapping does not know.
    """
    out: dict[str, tuple[str, ...]] = {}
    replaced: dict[str, set[str]] = {}
    for key, value in case.keys.items():
        if key not in mapping.keys:
            raise ValueError(f"case {case.id}: no such key as {key!r}. Allowed: {', '.join(mapping.keys)}")
        values = mapping.keys[key]
        if value.lower() == "false" or (not values and value.lower() == "true"):
            continue
        if value not in values:
            raise ValueError(f"case {case.id}: {key}: found {value!r}. Allowed: {', '.join([*values, 'false'])}")
        if keys is not None and key not in keys:
            continue
        for qid, chosen in values[value].items():
            out[qid] = tuple(dict.fromkeys((*out.get(qid, ()), *chosen)))
        for qid, gone in mapping.replaces.get(key, {}).items():
            replaced.setdefault(qid, set()).update(gone)
    told = {qid: tuple(aid for aid in chosen if aid not in replaced.get(qid, ())) for qid, chosen in out.items()}
    return {**(mapping.left_out if keys is None else {}), **told}


def expected_of(case: Published, mapping: Scoring) -> tuple[str, ...]:
    """The options that count as right for a case.

    Raises:
        ValueError: its choice or its primary side is not one that the mapping knows.
    """
    if case.choice in mapping.families:
        return (mapping.families[case.choice],)
    if case.choice != "both":
        allowed = ", ".join([*mapping.families, "both", *mapping.not_scored])
        raise ValueError(f"case {case.id}: choice: found {case.choice!r}. Allowed: {allowed}")
    if case.primary not in mapping.primary:
        raise ValueError(f"case {case.id}: primary: found {case.primary!r}. Allowed: {', '.join(mapping.primary)}")
    return mapping.primary[case.primary]


def score(book: Book, cases: Iterable[Published], mapping: Scoring) -> Score:
    """Every case held against the rules.

    Raises:
        ValueError: a case has an attribute or a choice that the mapping does not know.
    """
    outcomes, skipped = [], []
    for case in cases:
        if case.choice in mapping.not_scored:
            skipped.append((case.id, f"it chose {case.choice}: neither family"))
        elif case.benchmark_ok != "yes":
            skipped.append((case.id, f"its file says benchmark_ok: {case.benchmark_ok}"))
        else:
            outcomes.append(_outcome(book, case, mapping))
    baselines = {name: _baseline(book, outcomes, mapping, keys) for name, keys in mapping.baselines.items()}
    return Score(tuple(outcomes), tuple(skipped), baselines)


def _outcome(book: Book, case: Published, mapping: Scoring) -> Outcome:
    expected, answers = expected_of(case, mapping), answers_of(case, mapping)
    verdict = decide(book, answers)
    result = _result(verdict.choice, expected)
    turns = () if result == "right" else turning_points(book, verdict.live, most=3, to=expected)
    return Outcome(case, expected, answers, verdict, result, turns)


def _result(choice: str, expected: tuple[str, ...]) -> Result:
    return "level" if choice == LEVEL else "right" if choice in expected else "wrong"


def _baseline(book: Book, outcomes: list[Outcome], mapping: Scoring, keys: tuple[str, ...]) -> float:
    """What the rules get right when they are told these keys only; told nothing, they say the first option."""
    points = 0.0
    for outcome in outcomes:
        choice = decide(book, answers_of(outcome.case, mapping, keys)).choice if keys else next(iter(book.options))
        points += {"right": 1, "level": 0.5, "wrong": 0}[_result(choice, outcome.expected)]
    return points / len(outcomes) if outcomes else 0.0
