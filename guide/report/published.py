"""Prepares published decisions for browsing: titles, search text, and answers in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from guide.book import Book
from guide.decision.score import PUBLISHED, Outcome, Score, Scoring, read_cases, score, scoring
from guide.model import Answers
from guide.search.terms import fold


@dataclass(frozen=True)
class Decision:
    """One published decision, held against the rules."""

    outcome: Outcome
    answers: tuple[tuple[str, str], ...]
    """What its attributes stand for: title of the question, texts of the answers."""
    text: str
    """Folded text of what a search finds: system, year, choice, answers, source."""


def published(book: Book) -> tuple[Score, Scoring]:
    """The cases of this project held against the rules, and the mapping by which they were read.

    Raises:
        ValueError: a file of the knowledge folder is not as it should be.
    """
    mapping = scoring(book)
    return score(book, read_cases(PUBLISHED.read_text(encoding="utf-8")), mapping), mapping


def shelf(book: Book, outcomes: Iterable[Outcome]) -> tuple[Decision, ...]:
    """Every decision, in the order of its file."""
    return tuple(_decision(book, outcome) for outcome in outcomes)


def _decision(book: Book, outcome: Outcome) -> Decision:
    case = outcome.case
    answers = answers_in_words(book, outcome.answers)
    families = " ".join(f"{book.options[option].name} {book.options[option].short}" for option in outcome.expected)
    said = " ".join(f"{title} {texts}" for title, texts in answers)
    return Decision(
        outcome, answers, fold(f"{case.id} {case.system} {case.year} {case.choice} {families} {said} {case.source}")
    )


def answers_in_words(book: Book, answers: Answers) -> tuple[tuple[str, str], ...]:
    """Answers in words: title of the question, texts of the answers."""
    return tuple(
        (book.questions[qid].title, "; ".join(book.questions[qid].answers[aid].text for aid in chosen))
        for qid, chosen in answers.items()
    )


def search(decisions: Iterable[Decision], words: str = "", result: str = "", family: str = "") -> list[Decision]:
    """The decisions that every word and every filter lets through.

    `result`, `family`: empty lets everything through; of a decision for both sides alike, either family does.
    """
    wanted = fold(words).split()
    return [
        decision
        for decision in decisions
        if all(word in decision.text for word in wanted)
        and result in ("", decision.outcome.result)
        and (not family or family in decision.outcome.expected)
    ]
