"""Compares two sets of answers under the same rules: what differs and what stays. Uses two Reports; draws nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from guide.book import Book
from guide.model import UNKNOWN, Answers, Question
from guide.report.report import Cited, Report, ReportNeed, ReportReason, build

Side = Literal["a", "b", "both"]
Citing = TypeVar("Citing", ReportReason, ReportNeed)


@dataclass(frozen=True)
class ComparedAnswer:
    """One question, answered twice."""

    question: str
    title: str
    a: tuple[str, ...] | None
    """The texts chosen; () where it is not answered, None where it is not asked."""
    b: tuple[str, ...] | None

    @property
    def differs(self) -> bool:
        """Whether the answers do; a question that only one side is asked and nobody has answered does not count."""
        return (self.a or ()) != (self.b or ())


@dataclass(frozen=True)
class ComparedSource:
    """A fact behind a difference, under its number in the comparison, and which side's report cites it."""

    cited: Cited
    side: Side


@dataclass(frozen=True)
class Comparison:
    """Everything that can be said about a change from `a` to `b`.

    What differs is cited under numbers of the comparison; `a` and `b` keep their own, and so does what stays.
    """

    a: Report
    b: Report
    turned: bool
    """Whether the recommendation is another one."""
    redrawn: bool
    """Whether the pattern is another one; a change of the recommendation changes it too."""
    drawn: tuple[tuple[Cited, ...], tuple[Cited, ...]]
    """The facts behind the patterns of `a` and of `b`; empty where nothing was redrawn."""
    answers: tuple[ComparedAnswer, ...]
    appeared: tuple[ReportReason, ...]
    vanished: tuple[ReportReason, ...]
    kept: tuple[ReportReason, ...]
    needed: tuple[ReportNeed, ...]
    not_needed: tuple[ReportNeed, ...]
    reworded: tuple[tuple[ReportNeed, ReportNeed], ...]
    """(in a, in b): the same need with other figures."""
    still_needed: tuple[ReportNeed, ...]
    sources: tuple[ComparedSource, ...]

    @property
    def same(self) -> bool:
        """Whether every question is answered alike; then nothing else can differ."""
        return not any(answer.differs for answer in self.answers)


class _Numbers:
    """Numbers the facts behind what differs, in the order in which they are first cited."""

    def __init__(self) -> None:
        self.cited: dict[str, Cited] = {}

    def __call__(self, cited: Iterable[Cited]) -> tuple[Cited, ...]:
        return tuple(self.cited.setdefault(c.id, replace(c, number=len(self.cited) + 1)) for c in cited)

    def all(self, things: Iterable[Citing]) -> tuple[Citing, ...]:
        return tuple(replace(thing, cited=self(thing.cited)) for thing in things)


def compare(book: Book, a: Answers, b: Answers) -> Comparison:
    """What changes when `a` becomes `b`, under today's rules."""
    first, second = build(book, a), build(book, b)
    before = {_key(reason): reason for reason in (*first.reasons, *first.against)}
    after = {_key(reason): reason for reason in (*second.reasons, *second.against)}
    old, new = {need.id: need for need in first.needs}, {need.id: need for need in second.needs}
    redrawn = (first.verdict.choice, first.verdict.pattern) != (second.verdict.choice, second.verdict.pattern)
    cite = _Numbers()
    return Comparison(
        a=first,
        b=second,
        turned=first.verdict.choice != second.verdict.choice,
        redrawn=redrawn,
        drawn=(cite(first.pattern_cited), cite(second.pattern_cited)) if redrawn else ((), ()),
        answers=_answers(book, first, second),
        appeared=cite.all(reason for key, reason in after.items() if key not in before),
        vanished=cite.all(reason for key, reason in before.items() if key not in after),
        kept=tuple(reason for key, reason in after.items() if key in before),
        needed=cite.all(need for key, need in new.items() if key not in old),
        not_needed=cite.all(need for key, need in old.items() if key not in new),
        reworded=tuple(
            (old[key], replace(need, cited=cite(need.cited)))
            for key, need in new.items()
            if key in old and old[key].what != need.what
        ),
        still_needed=tuple(need for key, need in new.items() if key in old and old[key].what == need.what),
        sources=_sources(first, second, cite.cited),
    )


def chosen(question: Question, before: Sequence[str], now: Sequence[str]) -> tuple[str, ...]:
    """What stays chosen after a click on one of several: 'not sure' and an answer that stands alone exclude the rest.

    The newest wins. The order is that of the question, so that equal answers have equal links.
    """
    alone = {UNKNOWN, *(aid for aid, answer in question.answers.items() if answer.alone)}
    added = [aid for aid in now if aid not in before]
    if alone & set(added):
        return (next(aid for aid in reversed(added) if aid in alone),)
    left = set(now) - alone if added else set(now)
    return tuple(aid for aid in (*question.answers, UNKNOWN) if aid in left)


def _key(reason: ReportReason) -> tuple[str, ...]:
    """What makes a reason the same one, whichever side it speaks for and however its facts are numbered."""
    return reason.question, reason.option, reason.force.value, reason.said, reason.because


def _answers(book: Book, a: Report, b: Report) -> tuple[ComparedAnswer, ...]:
    """Every question that either side is asked, in order."""
    first, second = ({answer.question: answer for answer in report.answers} for report in (a, b))
    return tuple(
        ComparedAnswer(
            qid,
            question.title,
            first[qid].texts if qid in first else None,
            second[qid].texts if qid in second else None,
        )
        for qid, question in book.questions.items()
        if qid in first or qid in second
    )


def _sources(a: Report, b: Report, number: dict[str, Cited]) -> tuple[ComparedSource, ...]:
    first, second = ({cited.id for cited in report.sources} for report in (a, b))
    sides: dict[tuple[bool, bool], Side] = {(True, True): "both", (True, False): "a", (False, True): "b"}
    return tuple(ComparedSource(cited, sides[key in first, key in second]) for key, cited in number.items())
